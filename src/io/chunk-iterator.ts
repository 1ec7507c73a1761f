const ITERATOR = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

/**
 * Bytes as they come, until a read gives none. Leaving a loop does not end it, as a generator's would, and a step of it
 * is a plain call, which V8 can inline.
 */
export class ChunkIterator implements IterableIterator<Buffer> {
  readonly #read: () => Buffer;

  /** @param read waits for the next piece; empty at the end. */
  constructor(read: () => Buffer) {
    this.#read = read;
  }

  next(): IteratorResult<Buffer, undefined> {
    const chunk = this.#read();
    return chunk.length === 0 ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  [Symbol.iterator](): this {
    return this;
  }

  static {
    Object.setPrototypeOf(ChunkIterator.prototype, ITERATOR); // `take()`, `map()`, … where Node has them
  }
}
