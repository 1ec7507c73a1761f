export { BlockingSwitchOutError, GreenletError, GreenletExit } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { Barrier } from './sync/barrier.ts';
export { Condition } from './sync/condition.ts';
export { Lock } from './sync/lock.ts';
export { RateLimiter } from './sync/rate-limiter.ts';
export { RLock } from './sync/rlock.ts';
export { RWLock } from './sync/rw-lock.ts';
export { BoundedSemaphore, Semaphore } from './sync/semaphore.ts';
