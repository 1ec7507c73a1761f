export { BlockingSwitchOutError, GreenletError, GreenletExit } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { Group, type GroupJoinOptions, type GroupKillOptions, type GroupOptions } from './sync/group.ts';
export type { ImapOptions } from './sync/imap.ts';
export { Pool } from './sync/pool.ts';
