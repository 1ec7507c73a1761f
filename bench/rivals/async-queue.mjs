/** A bounded first-in-first-out queue as one writes it with promises; a capacity of 0 is a rendezvous, `Infinity` unbounded. */
export class AsyncQueue {
  #capacity;
  #items = [];
  #getters = [];
  #putters = [];

  constructor(capacity) {
    this.#capacity = capacity;
  }

  async put(item) {
    const getter = this.#getters.shift();
    if (getter !== undefined) return getter(item);
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return;
    }
    await new Promise((resolve) => this.#putters.push({ item, resolve }));
  }

  async get() {
    if (this.#items.length > 0) {
      const item = this.#items.shift();
      const putter = this.#putters.shift();
      if (putter !== undefined) {
        this.#items.push(putter.item);
        putter.resolve();
      }
      return item;
    }
    const putter = this.#putters.shift();
    if (putter !== undefined) {
      putter.resolve();
      return putter.item;
    }
    return new Promise((resolve) => this.#getters.push(resolve));
  }
}
