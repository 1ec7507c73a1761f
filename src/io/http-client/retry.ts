import { NEVER, park } from '../../hub/park.ts';
import { sleep } from '../../hub/sleep.ts';
import { Timeout } from '../../hub/timeout.ts';
import { describe } from '../bytes.ts';
import { RequestError, RequestTimeout } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { Times } from './times.ts';

/** When a request is made again, after a failure of the network or an answer that asks for it. */
export interface RetryOptions {
  /** How many times at most, besides the first. */
  limit: number;
  /** The first pause in ms, 100 unless given; each further one is twice as long. Up to half of it is left to chance. */
  delay?: number;
  /** The longest pause in ms, 10,000 unless given. A server that asks for a longer one is not asked again. */
  maxDelay?: number;
  /** Methods that do no harm when done twice: GET, HEAD, OPTIONS, TRACE, PUT, DELETE unless given. */
  methods?: readonly string[];
  /** Answers after which to try again: 429, 502, 503, 504 unless given. */
  statuses?: readonly number[];
}

const USUAL = {
  delay: 100,
  maxDelay: 10_000,
  methods: ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'],
  statuses: [429, 502, 503, 504],
};
const NEVER_AGAIN: Required<RetryOptions> = { ...USUAL, limit: 0 };
const TRANSIENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
]);

/** @throws {RangeError|TypeError} for bad input. */
export function toRetryPolicy(retry: number | RetryOptions | undefined): Required<RetryOptions> {
  if (retry === undefined) return NEVER_AGAIN;
  if (typeof retry !== 'number' && (typeof retry !== 'object' || retry === null)) {
    throw new TypeError(`retry must be a number or an object, got ${describe(retry)}`);
  }
  const policy = { ...USUAL, ...(typeof retry === 'object' ? retry : { limit: retry }) };
  for (const name of ['limit', 'delay', 'maxDelay'] as const) {
    if (!(policy[name] >= 0)) throw new RangeError(`retry: ${name} must be 0 or more, got ${describe(policy[name])}`);
  }
  return policy;
}

/**
 * Calls `send`, again and again as the policy says, with a pause before each further time.
 *
 * @returns the last exchange; of earlier ones nothing is left. @throws the last failure.
 */
export function withRetries(
  policy: Required<RetryOptions>,
  times: Times,
  signals: readonly AbortSignal[],
  send: () => Exchange,
): Exchange {
  for (let tries = 0; ; tries++) {
    const usual = Math.min(policy.maxDelay, policy.delay * 2 ** tries) * (1 - Math.random() / 2);
    let pause = usual;
    try {
      const exchange = send();
      if (tries >= policy.limit || !policy.statuses.includes(exchange.status)) return exchange;
      pause = retryAfter(exchange.headers['retry-after']) ?? usual;
      if (pause > policy.maxDelay || pause >= times.left) return exchange;
      exchange.discard();
    } catch (error) {
      if (tries >= policy.limit || !isTransient(error) || pause >= times.left) throw error;
    }
    pauseFor(pause, signals);
  }
}

/** A failure that another try may not have: of the network, or one of a phase whose time was over. */
function isTransient(error: unknown): boolean {
  if (error instanceof RequestTimeout) return error.phase !== undefined;
  return error instanceof RequestError && TRANSIENT.has(error.code);
}

/** What a server asks for, in ms: it tells seconds or a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function pauseFor(ms: number, signals: readonly AbortSignal[]): void {
  if (signals.length === 0) sleep(ms);
  else Timeout.run(ms, () => park(NEVER, AbortSignal.any([...signals])), false);
}
