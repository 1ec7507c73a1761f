/** What the service does: accounts, and transfers between them. Amounts are whole cents. */
import { randomUUID } from 'node:crypto';
import { HttpError } from 'greenlets/http';
import { z } from 'zod';
import type { Database, Sql } from './database.ts';

const cents = z.int().min(0).max(1e12);

export const NewAccount = z.strictObject({ owner: z.string().trim().min(1).max(100), balance: cents.default(0) });
export const NewTransfer = z.strictObject({ payer: z.uuid(), payee: z.uuid(), amount: cents.min(1) });

export interface Account {
  id: string;
  owner: string;
  balance: number;
  opened: string;
}

export interface Transfer {
  id: string;
  payer: string;
  payee: string;
  amount: number;
  at: string;
}

export class Bank {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  accounts(): Account[] {
    return this.#database.query('SELECT * FROM accounts ORDER BY owner, id LIMIT 1000');
  }

  account(id: string): Account {
    return find(this.#database, id);
  }

  open({ owner, balance }: z.infer<typeof NewAccount>): Account {
    const account = { id: randomUUID(), owner, balance, opened: new Date().toISOString() };
    this.#database.query('INSERT INTO accounts VALUES ($1, $2, $3, $4)', ...Object.values(account));
    return account;
  }

  /** The latest transfers of an account. */
  transfers(id: string): Transfer[] {
    const { id: account } = this.account(id);
    return this.#database.query(
      'SELECT * FROM transfers WHERE payer = $1 OR payee = $1 ORDER BY at DESC, id LIMIT 100',
      account,
    );
  }

  /** All of it happens, or nothing. */
  transfer({ payer, payee, amount }: z.infer<typeof NewTransfer>): Transfer {
    if (payer === payee) throw new HttpError(422, 'payer and payee are the same');
    return this.#database.transaction((sql) => {
      const { balance } = find(sql, payer);
      find(sql, payee);
      if (balance < amount) throw new HttpError(409, `there are only ${balance} cents in the account`);
      sql.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', payer, amount);
      sql.query('UPDATE accounts SET balance = balance + $2 WHERE id = $1', payee, amount);
      const transfer = { id: randomUUID(), payer, payee, amount, at: new Date().toISOString() };
      sql.query('INSERT INTO transfers VALUES ($1, $2, $3, $4, $5)', ...Object.values(transfer));
      return transfer;
    });
  }
}

function find(sql: Sql, id: string): Account {
  const [account] = sql.query<Account>('SELECT * FROM accounts WHERE id = $1', id);
  if (account === undefined) throw new HttpError(404, `there is no account ${id}`);
  return account;
}
