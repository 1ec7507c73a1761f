// greenlets/testing: virtual time, deterministic interleavings, leak checks.
export { GreenletError, LoopExit } from './errors.ts';
export { assertNoGreenletsLeft } from './testing/assert-no-greenlets-left.ts';
export { DeterministicScheduler } from './testing/deterministic-scheduler.ts';
export { type Exploration, type ExploreOptions, explore, InterleavingError } from './testing/explore.ts';
export { VirtualClock, type VirtualClockOptions } from './testing/virtual-clock.ts';
export { waitUntilAllBlocked } from './testing/wait-until-all-blocked.ts';
