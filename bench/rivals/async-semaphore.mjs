/** A semaphore as one writes it with promises: a permit is handed to the one that has waited longest. */
export class AsyncSemaphore {
  #permits;
  #waiters = [];

  constructor(permits) {
    this.#permits = permits;
  }

  async acquire() {
    if (this.#permits > 0) {
      this.#permits--;
      return;
    }
    await new Promise((resolve) => this.#waiters.push(resolve));
  }

  release() {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#permits++;
    else waiter();
  }
}
