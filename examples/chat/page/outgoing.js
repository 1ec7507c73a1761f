/** What this browser has said and the server has not confirmed. It is sent again, under the same `ref`, until it is. */
import { randomId } from './random.js';

export class Outgoing {
  #requests = new Map();

  add(to, text) {
    const request = { type: 'say', to, text, ref: randomId() };
    this.#requests.set(request.ref, request);
    return request;
  }

  confirm(ref) {
    this.#requests.delete(ref);
  }

  /** The request that was refused; null if it was none of these. */
  fail(ref) {
    const request = this.#requests.get(ref) ?? null;
    this.#requests.delete(ref);
    return request;
  }

  [Symbol.iterator]() {
    return this.#requests.values();
  }
}
