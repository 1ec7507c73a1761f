/** Slots of a ring to begin with. */
const FIRST = 16;
/** A full ring of so many is followed by another: a bigger one would be a large object, with memory pages of its own. */
const MOST = 4096;

/** First in, first out; O(1). No allocation while it does not grow. */
export class RingBuffer<T> {
  #first = new Ring<T>(FIRST);
  #last = this.#first;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#last.full) this.#makeRoomAtEnd();
    this.#last.push(item);
    this.#size++;
  }

  /** Puts `item` back at the front. */
  unshift(item: T): void {
    if (this.#first.full) this.#makeRoomInFront();
    this.#first.unshift(item);
    this.#size++;
  }

  peek(): T | undefined {
    return this.#first.peek();
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    this.#size--;
    const item = this.#first.shift();
    if (this.#first.size === 0 && this.#first.next !== null) this.#first = this.#first.next;
    return item;
  }

  clear(): void {
    this.#first = new Ring<T>(FIRST);
    this.#last = this.#first;
    this.#size = 0;
  }

  /** All items, in order. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let ring: Ring<T> | null = this.#first; ring !== null; ring = ring.next) yield* ring;
  }

  #makeRoomAtEnd(): void {
    if (this.#last.grow()) return;
    this.#last.next = new Ring(MOST);
    this.#last = this.#last.next;
  }

  #makeRoomInFront(): void {
    if (this.#first.grow()) return;
    const ring = new Ring<T>(MOST);
    ring.next = this.#first;
    this.#first = ring;
  }
}

/** Invariant of the chain: none but a ring without a successor is empty. */
class Ring<T> {
  next: Ring<T> | null = null;
  size = 0;
  #slots: (T | undefined)[];
  #head = 0;

  /** @param capacity a power of two. */
  constructor(capacity: number) {
    this.#slots = new Array(capacity);
  }

  get full(): boolean {
    return this.size === this.#slots.length;
  }
  push(item: T): void {
    this.#slots[(this.#head + this.size++) & (this.#slots.length - 1)] = item;
  }
  unshift(item: T): void {
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.size++;
  }
  /** Undefined if it is empty. */
  peek(): T | undefined {
    return this.#slots[this.#head];
  }
  shift(): T | undefined {
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.size--;
    return item;
  }

  /** Doubles the slots; false if there are as many as may be. */
  grow(): boolean {
    const slots = this.#slots;
    if (slots.length === MOST) return false;
    const grown = new Array<T | undefined>(slots.length * 2);
    for (let i = 0; i < slots.length; i++) grown[i] = slots[(this.#head + i) & (slots.length - 1)];
    this.#slots = grown;
    this.#head = 0;
    return true;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.size; i++) yield this.#slots[(this.#head + i) & (this.#slots.length - 1)] as T;
  }
}
