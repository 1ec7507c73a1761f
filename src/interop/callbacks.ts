import { EventEmitter } from 'node:events';
import { inspect } from '../builtins.ts';
import { offAbort, onAbort } from '../hub/abort.ts';
import { assertFunction, assertOptions } from '../hub/check.ts';
import { park, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';

function parkOrTimeout<T>(source: WaitSource, timeout: TimeoutLike): T {
  const outcome = park<T>(source, timeout);
  if (outcome === EXPIRED) throw Timeout.expired(timeout as number);
  return outcome;
}

/**
 * Waits for a Node-style callback. Later calls of it are harmless.
 *
 * @param register starts the operation with the callback.
 * @throws the callback's error; `Timeout`.
 * @example
 * const key = waitCallback((done) => crypto.scrypt(password, salt, 64, done));
 */
export function waitCallback<T>(
  register: (callback: (error: unknown, value?: T) => void) => void,
  timeout?: TimeoutLike,
): T {
  assertFunction(register);
  let node: QueueNode | null = null;
  return parkOrTimeout<T>(
    {
      register(waiter) {
        node = waiter;
        register((error, value) => {
          if (error !== undefined && error !== null) node?.fail(error);
          else node?.wake(value);
        });
      },
      unregister() {
        node = null;
      },
    },
    timeout,
  );
}

/** What cuts a `waitEvent` short. */
export interface WaitEventOptions {
  timeout?: TimeoutLike;
  signal?: AbortSignal;
}

/**
 * Waits for an event.
 *
 * @returns the arguments of the emitter's event, or `[event]` of an EventTarget.
 * @throws what 'error' carries; an AbortError when the signal aborts, as `events.once`; `Timeout`.
 */
export function waitEvent(
  emitter: EventEmitter | EventTarget,
  name: string | symbol,
  options: WaitEventOptions = {},
): unknown[] {
  assertOptions(options);
  const { timeout, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, got ${inspect(signal)}`);
  }
  if (signal?.aborted === true) throw abortError(signal);
  return parkOrTimeout(new EventSource(emitter, name, signal), timeout);
}

class EventSource implements WaitSource {
  readonly #emitter: EventEmitter | EventTarget;
  readonly #name: string | symbol;
  readonly #signal: AbortSignal | undefined;
  #node: QueueNode | null = null;

  constructor(emitter: EventEmitter | EventTarget, name: string | symbol, signal: AbortSignal | undefined) {
    if (
      !(emitter instanceof EventEmitter) &&
      typeof (emitter as Partial<EventTarget>)?.addEventListener !== 'function'
    ) {
      if (typeof (emitter as Partial<EventEmitter>)?.on !== 'function') {
        throw new TypeError(`expected an EventEmitter or EventTarget, got ${inspect(emitter)}`);
      }
    }
    this.#emitter = emitter;
    this.#name = name;
    this.#signal = signal;
  }

  register(node: QueueNode): void {
    this.#node = node;
    if (this.#signal !== undefined) onAbort(this.#signal, this.#onAbort);
    if ('on' in this.#emitter) {
      this.#emitter.on(this.#name, this.#onEvent);
      if (this.#name !== 'error') this.#emitter.on('error', this.#onError);
    } else {
      this.#emitter.addEventListener(String(this.#name), this.#onEvent);
    }
  }

  unregister(): void {
    this.#node = null;
    if (this.#signal !== undefined) offAbort(this.#signal, this.#onAbort);
    if ('on' in this.#emitter) {
      this.#emitter.off(this.#name, this.#onEvent);
      if (this.#name !== 'error') this.#emitter.off('error', this.#onError);
    } else {
      this.#emitter.removeEventListener(String(this.#name), this.#onEvent);
    }
  }

  readonly #onEvent = (...args: unknown[]): void => {
    const node = this.#node;
    this.unregister();
    node?.wake(args);
  };
  readonly #onError = (error: unknown): void => {
    const node = this.#node;
    this.unregister();
    node?.fail(error);
  };
  readonly #onAbort = (): void => {
    this.#onError(abortError(this.#signal as AbortSignal));
  };
}

function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR' });
}
