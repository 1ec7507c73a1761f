/** What was said, in SQLite. */
import Database from 'libsql';
import type { Draft, Message } from './protocol.ts';

const PAGE = 50;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS messages (
    room TEXT NOT NULL,
    id INTEGER NOT NULL,
    ref TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room, id),
    UNIQUE (room, ref)
  ) WITHOUT ROWID;`;
const SELECT = 'SELECT id, sender AS "from", recipient AS "to", text, at, ref FROM messages WHERE room = ?';

/** A stretch of a room's messages, oldest first. */
export interface Page {
  messages: Message[];
  /** Whether there are further ones. */
  more: boolean;
}

/** Nothing in here waits: SQLite answers within microseconds. */
export class History {
  readonly #database: Database.Database;
  readonly #append: Database.Statement;
  readonly #keep: Database.Statement;
  readonly #last: Database.Statement;
  readonly #before: Database.Statement;
  readonly #after: Database.Statement;

  /** @param file ':memory:' keeps nothing. */
  constructor(file: string) {
    const database = new Database(file);
    database.exec(SCHEMA);
    this.#database = database;
    this.#append = database.prepare(
      `INSERT OR IGNORE INTO messages (room, id, ref, sender, recipient, text, at)
       SELECT ?1, COALESCE(MAX(id), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM messages WHERE room = ?1 RETURNING id`,
    );
    this.#keep = database.prepare('INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#last = database.prepare('SELECT MAX(id) AS id FROM messages WHERE room = ?');
    this.#before = database.prepare(`${SELECT} AND id < ? ORDER BY id DESC LIMIT ${PAGE + 1}`);
    this.#after = database.prepare(`${SELECT} AND id > ? ORDER BY id LIMIT ${PAGE + 1}`);
  }

  /** Gives `draft` the next place in the room; null if something was said there under its `ref` before. */
  append(room: string, draft: Draft): Message | null {
    const { ref, from, to, text, at } = draft;
    const row = this.#append.get(room, ref, from, to, text, at) as { id: number } | undefined;
    return row === undefined ? null : { id: row.id, ...draft };
  }

  /** Adds what got its place elsewhere; nothing happens if it is there. */
  keep(room: string, { id, ref, from, to, text, at }: Message): void {
    this.#keep.run(room, id, ref, from, to, text, at);
  }

  /** The last message's place; 0 without any. */
  last(room: string): number {
    return (this.#last.get(room) as { id: number | null }).id ?? 0;
  }

  /** The messages before one, or the latest. */
  before(room: string, id: number = Number.MAX_SAFE_INTEGER): Page {
    const messages = this.#before.all(room, id) as Message[];
    return { messages: messages.slice(0, PAGE).reverse(), more: messages.length > PAGE };
  }

  /** The messages after one. */
  after(room: string, id: number): Page {
    const messages = this.#after.all(room, id) as Message[];
    return { messages: messages.slice(0, PAGE), more: messages.length > PAGE };
  }

  close(): void {
    this.#database.close();
  }
}
