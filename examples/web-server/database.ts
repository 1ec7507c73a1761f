/** What the service needs of a database. */

export type Value = string | number | null;

export interface Sql {
  /** Runs a statement with `$1`, `$2` … in it; gives its rows. Waits. */
  query<Row>(sql: string, ...values: Value[]): Row[];
}

export interface Database extends Sql {
  /**
   * Runs `body` as one transaction: what it throws undoes everything, and so does a timeout or a kill that ends it. If
   * another transaction gets in its way it is run again, so it should do nothing but talk to the database.
   */
  transaction<T>(body: (sql: Sql) => T): T;
  /** Waits until nothing uses it any more. */
  close(): void;
}

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    opened TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY,
    payer TEXT NOT NULL REFERENCES accounts,
    payee TEXT NOT NULL REFERENCES accounts,
    amount BIGINT NOT NULL CHECK (amount > 0),
    at TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS transfers_of_payer ON transfers (payer);
  CREATE INDEX IF NOT EXISTS transfers_of_payee ON transfers (payee);`;
