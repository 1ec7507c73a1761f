/** Greenlets that wait: for cases that measure what goes on beside them. */
import { Event } from '../../dist/event.js';
import { sleep, spawn } from '../../dist/index.js';

const DEPTH = 4;

/** @returns `count` greenlets, suspended four frames deep until `event` is set, as `{event, greenlets}`. */
export function suspendMany(count) {
  const event = new Event();
  const greenlets = Array.from({ length: count }, () => spawn(suspend, event, DEPTH));
  sleep(0);
  return { event, greenlets };
}

function suspend(event, depth) {
  if (depth === 1) return event.wait();
  return suspend(event, depth - 1) && true;
}
