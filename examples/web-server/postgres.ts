/** PostgreSQL: `pg`, whose promises `toSync` waits for. */
import { isCancel, sleep, toSync, wait } from 'greenlets';
import pg from 'pg';
import { type Database, SCHEMA, type Sql, type Value } from './database.ts';

/** What PostgreSQL says to a transaction that another one got in the way of: serialization_failure, deadlock_detected. */
const IN_THE_WAY = new Set(['40001', '40P01']);

/** How long a connection may take, in ms. */
const CONNECTING = 10_000;

/** BIGINT comes as a string otherwise; the sums in here are exact as numbers. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** The part of `pg` that is used here, as it is once its promises are waited for. */
interface Connection {
  query(sql: string, values?: Value[]): { rows: unknown[] };
  /** @param close do not keep it for others. */
  release(close: boolean): void;
}
type Pool = Pick<Connection, 'query'> & { end(): void };

export class Postgres implements Database {
  readonly #pool: Pool;
  readonly #connections: pg.Pool;

  /** @param timeout how long those who use it wait at most, in ms. */
  constructor(url: string, timeout: number) {
    this.#connections = new pg.Pool({
      connectionString: url,
      max: 10,
      connectionTimeoutMillis: CONNECTING,
      statement_timeout: 2 * timeout, // for statements that nobody waits for any more
      application_name: 'greenlets-web-server',
    });
    // Another one is made then.
    this.#connections.on('error', (error) => console.error(`an idle connection was lost: ${error.message}`));
    this.#pool = toSync<Pool>(this.#connections);
    this.#pool.query(SCHEMA);
  }

  query<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#pool.query(sql, values).rows as Row[];
  }

  transaction<T>(body: (sql: Sql) => T): T {
    for (let attempt = 1; ; attempt++) {
      try {
        return this.#attempt(body);
      } catch (error) {
        if (!IN_THE_WAY.has((error as { code?: string }).code ?? '')) throw error;
      }
      sleep(5 * attempt * Math.random());
    }
  }

  #attempt<T>(body: (sql: Sql) => T): T {
    const client = this.#connect();
    let usable = false;
    try {
      client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      const result = body({ query: <Row>(sql: string, ...values: Value[]) => client.query(sql, values).rows as Row[] });
      client.query('COMMIT');
      usable = true;
      return result;
    } catch (error) {
      // After a timeout or a kill a statement may still be under way: closing the connection undoes everything, too.
      if (isCancel(error)) throw error;
      client.query('ROLLBACK');
      usable = true;
      throw error;
    } finally {
      client.release(!usable);
    }
  }

  /** If nobody waits for the connection any more when it comes, after a timeout or a kill, it goes back at once. */
  #connect(): Connection {
    const coming = this.#connections.connect();
    try {
      return toSync<Connection>(wait(coming));
    } catch (error) {
      coming.then((client) => client.release()).catch(() => {});
      throw error;
    }
  }

  close(): void {
    this.#pool.end();
  }
}
