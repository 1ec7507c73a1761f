/** What a greenlet is doing, for people: in LoopExit, Timeout, dumps and leak checks alike. */
import { engine, RawGreenlet } from '../engine/raw-greenlet.ts';
import { stackParts } from '../engine/stack-text.ts';
import { hub } from './hub.ts';
import type { Waiter, WaitSource } from './waiter.ts';

/**
 * - `running`: it runs now
 * - `ready`: it runs at its next turn
 * - `blocked`: it waits for something
 * - `suspended`: it was switched away from by hand
 * - `new`: it has not been started, or only for later
 * - `dead`: it has ended
 */
export type GreenletState = 'running' | 'ready' | 'blocked' | 'suspended' | 'new' | 'dead';

/** A greenlet at one moment. */
export interface Description {
  name: string;
  state: GreenletState;
  /** Name of the function of this package that it has called and that blocks: `sleep`, `Queue.get`; '' if none. */
  call: string;
  /** What it waits for, where that is one object; undefined otherwise. */
  waitsFor: unknown;
  /** Milliseconds since it began to wait; undefined if it does not. */
  waitedMs: number | undefined;
  /** Milliseconds until the wait ends by itself; undefined if it does not. */
  leftMs: number | undefined;
  /** Lines of its stack, innermost first, without the frames of this package. */
  frames: string[];
}

export function nameOf(greenlet: RawGreenlet): string {
  if (greenlet === engine.main) return 'main';
  return (greenlet as { name?: string }).name ?? 'a raw greenlet';
}

export function stateOf(greenlet: RawGreenlet): GreenletState {
  if (greenlet.finished) return 'dead';
  if (greenlet === engine.current) return 'running';
  if (greenlet.queued) return 'ready';
  if (greenlet.waiter !== null) return 'blocked';
  return greenlet.begun ? 'suspended' : 'new';
}

export function describe(greenlet: RawGreenlet): Description {
  const waiter = greenlet.waiter as Waiter | null;
  const { call, frames } = stackParts(greenlet.trace() ?? {});
  const timed = waiter !== null && waiter.heapIndex !== -1;
  return {
    name: nameOf(greenlet),
    state: stateOf(greenlet),
    call,
    waitsFor: waiter === null ? undefined : publicSource(waiter.source),
    waitedMs: waiter === null ? undefined : hub.since(waiter.began),
    leftMs: timed ? Math.max(0, waiter.deadline - hub.timers.clock.now()) : undefined,
    frames,
  };
}

/** Of the sources, only greenlets and the like mean something to users. */
function publicSource(source: WaitSource): unknown {
  return source instanceof RawGreenlet ? source : undefined;
}

/** `blocked in Queue.get for 1.2 s`, without the name. */
export function describeState({ state, call, waitsFor, waitedMs, leftMs }: Description): string {
  if (state !== 'blocked') return state;
  const what = call === '' ? '' : ` in ${call}`;
  const of = waitsFor instanceof RawGreenlet ? ` of ${nameOf(waitsFor)}` : '';
  const long = waitedMs === undefined ? '' : ` for ${duration(waitedMs)}`;
  return `blocked${what}${of}${long}${leftMs === undefined ? '' : ` (${duration(leftMs)} left)`}`;
}

/** One line on a greenlet: `worker is blocked in Queue.get for 1.2 s at consume (/app.ts:12:3)`. */
export function describeInLine(greenlet: RawGreenlet): string {
  const description = describe(greenlet);
  const [first] = description.frames;
  return `${description.name} is ${describeState(description)}${first === undefined ? '' : ` ${first.trim()}`}`;
}

/** 12 ms, 1.2 s, 3 min. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
