// The root: a list of exports, nothing else. Layers import downwards only: errors, engine, hub, sync, interop, io.
export { getCurrent, RawGreenlet } from './engine/raw-greenlet.ts';
export * from './errors.ts';
export { Greenlet, type KillOptions, type SpawnOptions } from './hub/greenlet.ts';
export { getHub, Hub, type HubStats } from './hub/hub.ts';
export { waitable, type Waitable } from './hub/linkable.ts';
export type { TimeoutLike } from './hub/park.ts';
export { run } from './hub/run.ts';
export { sleep } from './hub/sleep.ts';
export { spawn, spawnLater, spawnRaw } from './hub/spawn.ts';
export { Timeout } from './hub/timeout.ts';
