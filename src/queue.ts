export { BlockingSwitchOutError, GreenletError, GreenletExit, QueueEmpty, QueueFull, QueueShutDown } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export type { Case } from './sync/case.ts';
export { Channel } from './sync/channel.ts';
export { JoinableQueue } from './sync/joinable-queue.ts';
export { LifoQueue, PriorityQueue, Queue, type ShutdownOptions, SimpleQueue } from './sync/queue.ts';
export type { Compare } from './sync/stores.ts';
