/** A function of SQL that asks the network. SQLite calls it in the middle of a query, for each row; it waits. */
import Database from 'better-sqlite3';
import { request } from 'greenlets/http';

/** @returns the URLs that do not answer well. A connection of its own: one that is in a query refuses another. */
export function findDeadLinks(urls: string[]): string[] {
  const database = new Database(':memory:');
  database.function('answers', (url) => request(String(url), { method: 'HEAD' }).status);
  const query = database.prepare<[string], string>('SELECT value FROM json_each(?) WHERE answers(value) >= 400');
  return query.pluck().all(JSON.stringify(urls));
}
