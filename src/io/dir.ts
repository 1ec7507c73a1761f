import type { Dirent, Dir as NodeDir } from 'node:fs';
import { shield } from '../hub/shield.ts';
import { blockOn } from './block-on.ts';

/**
 * An open directory. Made by `opendir`.
 *
 * @example
 * for (const entry of opendir('.')) if (entry.isFile()) console.log(entry.name);
 */
export class Dir implements Iterable<Dirent>, Disposable {
  readonly #dir: NodeDir;
  #closed = false;

  /** @internal */
  constructor(dir: NodeDir) {
    this.#dir = dir;
  }

  get path(): string {
    return this.#dir.path;
  }

  /** The next entry, in the order of the system; null at the end. */
  read(): Dirent | null {
    return blockOn(() => this.#dir.read());
  }

  close(): void {
    blockOn(() => {
      this.#closed = true;
      return this.#dir.close();
    });
  }

  /** The entries; the directory is closed at the end, and when the loop is left or an error ends it. */
  *[Symbol.iterator](): IterableIterator<Dirent> {
    try {
      for (let entry = this.read(); entry !== null; entry = this.read()) yield entry;
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Closes it, even in a greenlet that is being killed; nothing happens if it is closed. */
  [Symbol.dispose](): void {
    if (!this.#closed) shield(() => this.close());
  }
}
