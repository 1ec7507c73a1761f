/**
 * Bytes that have arrived and were not read yet, in one piece: a search needs no care for borders between chunks.
 *
 *   #buffer   |  taken  |  unread  |  room  |
 *                    #start      #end
 *
 * A chunk that finds the queue empty becomes the buffer itself, uncopied, without room. What was handed out is never
 * written to again: bytes are added in the room only.
 */
export class ByteQueue {
  #buffer: Buffer = EMPTY;
  #start = 0;
  #end = 0;

  /** How many bytes are unread. */
  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** Takes the first `count` bytes, of which there must be enough. */
  take(count: number): Buffer {
    if (count === this.#buffer.length) return this.#takeBuffer();
    const taken = this.#buffer.subarray(this.#start, this.#start + count);
    this.#start += count;
    if (this.#start === this.#end) this.clear();
    return taken;
  }

  /** As it is: a view of all of it would cost a good part of a read. */
  #takeBuffer(): Buffer {
    const taken = this.#buffer;
    this.clear();
    return taken;
  }

  /** Where `bytes` first occur, counted from the first unread byte; -1 if nowhere. `from` is where to begin. */
  indexOf(bytes: Uint8Array, from: number): number {
    return this.#buffer.subarray(this.#start, this.#end).indexOf(bytes, from);
  }

  clear(): void {
    this.#buffer = EMPTY;
    this.#start = 0;
    this.#end = 0;
  }

  /** Twice what is needed, so that many small chunks cost no more than a few big ones. */
  #makeRoom(more: number): void {
    const { length } = this;
    const grown = Buffer.allocUnsafeSlow(2 * (length + more));
    this.#buffer.copy(grown, 0, this.#start, this.#end);
    this.#buffer = grown;
    this.#start = 0;
    this.#end = length;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
