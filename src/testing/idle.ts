/**
 * Tells when nothing goes on any more inside the process: no greenlet is ready, no request is under way, and the event
 * loop has turned without handling an event. Only time, or somebody outside, can change anything then. What goes on
 * outside (a child process, a worker, a peer on the network) is not seen.
 *
 * Uses Node's own functions as they were at load: it drives the virtual clock, which replaces them.
 */
import { performance } from 'node:perf_hooks';
import { engine } from '../engine/raw-greenlet.ts';
import { hub } from '../hub/hub.ts';

const { setImmediate, setTimeout } = globalThis;
const now = performance.now.bind(performance);

/** Turns of the loop that must pass without an event. */
const CALM_TURNS = 2;
/** Milliseconds of real time that data may take between two ends of a connection inside this process. */
const TRANSIT = 3;
/** Pipes that need not be connections: stdin, stdout, stderr. */
const STDIO = 3;
/** After so many turns in vain the loop is watched at leisure: something slow is under way. */
const EAGER_TURNS = 100;

/** Called when the process is idle; the first in line goes first, and the next only when it is idle again. */
export interface IdleWaiter {
  /** Lower goes first. */
  readonly rank: number;
  /** Milliseconds of real time for which it must have been idle. */
  readonly quiet: number;
  onIdle(): void;
}

const waiters = new Set<IdleWaiter>();
let watching = false;
let turnsInVain = 0;
let calmTurns = 0;
let calmSince = 0;
let transit = 0;
let seenEvents = -1;
let seenSwitches = -1;

/** Calls `waiter.onIdle()` once, on the main stack, when the process is idle. */
export function whenIdle(waiter: IdleWaiter): void {
  waiters.add(waiter);
  turnsInVain = 0;
  watch();
}

/** Takes `waiter` out; nothing happens if it does not wait. */
export function stopWaitingForIdle(waiter: IdleWaiter): void {
  waiters.delete(waiter);
}

function watch(): void {
  if (watching) return;
  watching = true;
  if (turnsInVain < EAGER_TURNS) setImmediate(look);
  else setTimeout(look, 1);
}

function look(): void {
  watching = false;
  const time = now();
  if (isCalm()) {
    if (calmTurns++ === 0) calmSince = time;
  } else {
    calmTurns = 0;
  }
  turnsInVain++;
  const first = firstInLine();
  if (first === undefined) return;
  if (calmTurns >= CALM_TURNS && time - calmSince >= Math.max(first.quiet, transit)) {
    waiters.delete(first);
    calmTurns = 0;
    turnsInVain = 0;
    first.onIdle();
  }
  if (waiters.size > 0) watch();
}

function isCalm(): boolean {
  const [requests, events] = engine.native.eventLoop();
  const still = hub.readySize === 0 && requests === 0 && events === seenEvents && hub.switches === seenSwitches;
  seenEvents = events;
  seenSwitches = hub.switches;
  if (!still) return false;
  let pipes = 0;
  transit = 0;
  for (const resource of process.getActiveResourcesInfo()) {
    if (resource === 'Immediate') return false;
    if (resource === 'TCPSocketWrap' || (resource === 'PipeWrap' && ++pipes > STDIO)) transit = TRANSIT;
  }
  return true;
}

function firstInLine(): IdleWaiter | undefined {
  let first: IdleWaiter | undefined;
  for (const waiter of waiters) if (first === undefined || waiter.rank < first.rank) first = waiter;
  return first;
}
