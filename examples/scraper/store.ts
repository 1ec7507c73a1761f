/** The state of a crawl, in SQLite: what is to be visited, and what was found. With a file, it outlives the process. */

import Database from 'libsql';
import type { Content, PageRecord, Target, Validators, Visit } from './record.ts';

/** The columns after `record` are there for whoever looks into the file; `->>` reads them out of the JSON. */
const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS crawls (id INTEGER PRIMARY KEY, begun INTEGER NOT NULL, ended INTEGER);
  CREATE TABLE IF NOT EXISTS frontier (place INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, target TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS pages (
    url TEXT PRIMARY KEY,
    crawl INTEGER NOT NULL REFERENCES crawls,
    etag TEXT,
    last_modified TEXT,
    found TEXT NOT NULL,
    content TEXT,
    record TEXT NOT NULL,
    outcome TEXT AS (record ->> 'outcome'),
    status INTEGER AS (record ->> 'status'),
    error TEXT AS (record ->> 'error'),
    title TEXT AS (record ->> 'title'),
    canonical TEXT AS (record ->> 'canonical')
  ) WITHOUT ROWID;`;

interface Row {
  etag: string | null;
  last_modified: string | null;
  found: string;
  content: string | null;
  record: string;
}

export class Store {
  /** True if a crawl that did not come to its end goes on. */
  readonly resumed: boolean;
  readonly #database: Database.Database;
  readonly #crawl: number;
  readonly #addTarget: Database.Statement;
  readonly #removeTarget: Database.Statement;
  readonly #putPage: Database.Statement;
  readonly #getPage: Database.Statement;

  /** @param file ':memory:' keeps nothing. @throws if the file is no such state, or another process is using it. */
  constructor(file: string) {
    const database = openDatabase(file);
    const last = database.prepare('SELECT id, ended FROM crawls ORDER BY id DESC LIMIT 1').get() as
      | { id: number; ended: number | null }
      | undefined;
    this.resumed = last !== undefined && last.ended === null;
    this.#crawl = this.resumed ? (last?.id as number) : (last?.id ?? 0) + 1;
    if (!this.resumed) database.prepare('INSERT INTO crawls VALUES (?, ?, NULL)').run(this.#crawl, Date.now());
    this.#database = database;
    this.#addTarget = database.prepare('INSERT OR IGNORE INTO frontier (url, target) VALUES (?, ?)');
    this.#removeTarget = database.prepare('DELETE FROM frontier WHERE url = ?');
    this.#putPage = database.prepare(
      'INSERT OR REPLACE INTO pages (url, crawl, etag, last_modified, found, content, record) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#getPage = database.prepare('SELECT * FROM pages WHERE url = ?');
  }

  /** What this crawl has not visited yet, in the order in which it was found. */
  frontier(): Target[] {
    const rows = this.#database.prepare('SELECT target FROM frontier ORDER BY place').all() as { target: string }[];
    return rows.map(({ target }) => JSON.parse(target) as Target);
  }

  /** What this crawl has found so far. */
  records(): PageRecord[] {
    const rows = this.#database
      .prepare(`SELECT record FROM pages WHERE crawl = ? ORDER BY record ->> 'finished'`)
      .all(this.#crawl) as Row[];
    return rows.map(({ record }) => JSON.parse(record) as PageRecord);
  }

  /** What this crawl has read, page for page; without those that are copies of another that it has read. */
  *contents(): IterableIterator<{ url: string; content: Content }> {
    const rows = this.#database.prepare(`
      SELECT url, content FROM pages WHERE crawl = ? AND content IS NOT NULL AND NOT EXISTS (
        SELECT * FROM pages AS original WHERE original.url = pages.canonical AND original.crawl = pages.crawl
          AND original.content IS NOT NULL AND original.canonical IS NULL
      )`);
    for (const row of rows.iterate(this.#crawl)) {
      const { url, content } = row as { url: string; content: string };
      yield { url, content: JSON.parse(content) as Content };
    }
  }

  /** The last visit of `url` in a crawl before, if it can be asked whether the page has changed since. */
  earlier(url: string): Visit | null {
    const row = this.#getPage.get(url) as Row | undefined;
    if (row === undefined || (row.etag === null && row.last_modified === null)) return null;
    return {
      record: JSON.parse(row.record) as PageRecord,
      content: row.content === null ? null : (JSON.parse(row.content) as Content),
      found: JSON.parse(row.found) as Target[],
      validators: { etag: row.etag, lastModified: row.last_modified },
    };
  }

  addTargets(targets: readonly Target[]): void {
    this.#atOnce(() => this.#add(targets));
  }

  /** Records a visit and adds what is to be visited next: both or, if the process dies meanwhile, nothing. */
  finish(visit: Visit, targets: readonly Target[]): void {
    const { record, content, found, validators } = visit;
    this.#atOnce(() => {
      this.#removeTarget.run(record.url);
      this.#put(record, content, found, validators);
      this.#add(targets);
    });
  }

  /** Says whether the crawl has come to its end. */
  close(ended: boolean): void {
    if (ended) {
      this.#database.prepare('UPDATE crawls SET ended = ? WHERE id = ?').run(Date.now(), this.#crawl);
      this.#database.exec('DELETE FROM frontier');
    }
    // libsql closes the file only once it has collected all statements, but the lock must go now.
    this.#database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT * FROM crawls');
    this.#database.close();
  }

  #add(targets: readonly Target[]): void {
    for (const target of targets) this.#addTarget.run(target.url, JSON.stringify(target));
  }

  #put(record: PageRecord, content: Content | null, found: Target[], { etag, lastModified }: Validators): void {
    const texts = [JSON.stringify(found), content && JSON.stringify(content), JSON.stringify(record)];
    this.#putPage.run(record.url, this.#crawl, etag, lastModified, ...texts);
  }

  /** One transaction. `change` must not block: there is one connection, and others would write into it. */
  #atOnce(change: () => void): void {
    this.#database.transaction(change)();
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
