/**
 * The channels of `node:diagnostics_channel` on which greenlets can be watched:
 *
 * - `greenlets:spawn` `{ greenlet, spawner }`: it was started
 * - `greenlets:switch` `{ origin, target }`: the target runs now
 * - `greenlets:end` `{ greenlet }`: it has ended in some way
 * - `greenlets:blocked`: the report of a monitor, see `startMonitor`
 *
 * Subscribers are called where it happens, and must not block. While nobody subscribes nothing is done for them: a channel
 * tells here when its subscribers come and go.
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import type { StackOwner } from '../engine/stack-owner.ts';

/** Message of `greenlets:spawn`. */
export interface SpawnMessage {
  greenlet: RawGreenlet;
  spawner: RawGreenlet | undefined;
}
/** Message of `greenlets:switch`. */
export interface SwitchMessage {
  origin: RawGreenlet;
  target: RawGreenlet;
}
/** Message of `greenlets:end`. */
export interface EndMessage {
  greenlet: RawGreenlet;
}

const spawnChannel = channel('greenlets:spawn');
const switchChannel = channel('greenlets:switch');
const endChannel = channel('greenlets:end');
/** Where monitors publish their reports. */
export const blockedChannel: Channel = channel('greenlets:blocked');

function publish(to: Channel, message: SpawnMessage | SwitchMessage | EndMessage): void {
  engine.forbidding('cannot block in a subscriber of a diagnostics channel', () => to.publish(message));
}

function onSpawn(greenlet: StackOwner): void {
  publish(spawnChannel, { greenlet: greenlet as RawGreenlet, spawner: (greenlet as RawGreenlet).spawner });
}
function onEnd(greenlet: StackOwner): void {
  publish(endChannel, { greenlet: greenlet as RawGreenlet });
}
const switches = {
  switched(origin: StackOwner, target: StackOwner): void {
    publish(switchChannel, { origin: origin as RawGreenlet, target: target as RawGreenlet });
  },
};

/** Calls `listen` whenever a channel has got its first subscriber, or lost its last, and now. */
function follow(watched: Channel, listen: (on: boolean) => void): void {
  for (const name of ['subscribe', 'unsubscribe', 'bindStore', 'unbindStore'] as const) {
    // Looked up in the prototype at each call: Node exchanges that of an active channel.
    const value = (...args: unknown[]): unknown => {
      const method = Reflect.get(Object.getPrototypeOf(watched) as Channel, name) as (...args: unknown[]) => unknown;
      const result = Reflect.apply(method, watched, args);
      listen(watched.hasSubscribers);
      return result;
    };
    Object.defineProperty(watched, name, { value, configurable: true, writable: true });
  }
  listen(watched.hasSubscribers);
}

follow(spawnChannel, (on) => {
  engine.onSpawn = on ? onSpawn : null;
});
follow(endChannel, (on) => {
  engine.onEnd = on ? onEnd : null;
});
follow(switchChannel, (on) => {
  if (on) engine.observe(switches);
  else engine.unobserve(switches);
});
