/** SQLite, for those who have no PostgreSQL at hand. */
import { Lock } from 'greenlets/lock';
import Connection from 'libsql';
import { type Database, SCHEMA, type Sql, type Value } from './database.ts';

export class Sqlite implements Database {
  readonly #connection: Connection.Database;
  /** There is one connection: while a transaction waits for something else, nobody may slip into it. */
  readonly #lock = new Lock();

  /** @param file ':memory:' keeps nothing. */
  constructor(file: string) {
    this.#connection = new Connection(file);
    this.#connection.exec(`PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; ${SCHEMA}`);
  }

  query<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#lock.use(() => this.#run<Row>(sql, values));
  }

  transaction<T>(body: (sql: Sql) => T): T {
    return this.#lock.use(() => {
      this.#connection.exec('BEGIN IMMEDIATE');
      try {
        const result = body({ query: (sql, ...values) => this.#run(sql, values) });
        this.#connection.exec('COMMIT');
        return result;
      } catch (error) {
        this.#connection.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): void {
    this.#lock.use(() => this.#connection.close());
  }

  #run<Row>(sql: string, values: Value[]): Row[] {
    const statement = this.#connection.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'));
    if (statement.reader) return statement.all(...values) as Row[];
    statement.run(...values);
    return [];
  }
}
