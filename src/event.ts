export { BlockingSwitchOutError, GreenletError, GreenletExit } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { AsyncResult } from './sync/async-result.ts';
export { Event } from './sync/event.ts';
