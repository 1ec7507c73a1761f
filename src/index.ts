// The root: a list of exports, nothing else. Layers import downwards only: errors, engine, hub, sync, interop, io.
import './interop/install.ts';
import './observe/channels.ts';
import './observe/inspect-if-asked.ts';

export { getCurrent, RawGreenlet } from './engine/raw-greenlet.ts';
export {
  BlockingSwitchOutError,
  GreenletError,
  GreenletExit,
  Interrupted,
  InvalidSwitchError,
  LoopExit,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
} from './errors.ts';
export { Greenlet } from './hub/greenlet.ts';
export type { KillOptions, SpawnOptions } from './hub/greenlet-options.ts';
export { getHub, Hub, type HubStats } from './hub/hub.ts';
export { type Waitable, waitable } from './hub/linkable.ts';
export { noSwitch } from './hub/no-switch.ts';
export type { TimeoutLike } from './hub/park.ts';
export { run } from './hub/run.ts';
export { shield } from './hub/shield.ts';
export { sleep } from './hub/sleep.ts';
export { spawn, spawnLater, spawnRaw } from './hub/spawn.ts';
export { ticker } from './hub/ticker.ts';
export { Timeout } from './hub/timeout.ts';
export { isCancel, withTimeout } from './hub/with-timeout.ts';
export { all, race } from './interop/all.ts';
export { type WaitEventOptions, waitCallback, waitEvent } from './interop/callbacks.ts';
export { iterate } from './interop/iterate.ts';
export { type JoinOptions, joinAll, killAll } from './interop/join-all.ts';
export { iwait, type ReadyOptions, waitReady } from './interop/ready.ts';
export { type AsyncFunction, toAsync } from './interop/to-async.ts';
export { type Sync, type SyncFunction, toSync } from './interop/to-sync.ts';
export { type Awaitable, type Waited, wait } from './interop/wait.ts';
export { AsyncResult } from './sync/async-result.ts';
export type { Case } from './sync/case.ts';
export { Channel } from './sync/channel.ts';
export { Group, type GroupJoinOptions, type GroupKillOptions, type GroupOptions } from './sync/group.ts';
export { type NurseryOptions, nursery } from './sync/nursery.ts';
export { Pool } from './sync/pool.ts';
export { Queue } from './sync/queue.ts';
export { type Selectable, type Selected, select } from './sync/select.ts';
export { Semaphore } from './sync/semaphore.ts';
