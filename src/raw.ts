export { getCurrent, getTrace, RawGreenlet, setTrace, type TraceCallback } from './engine/raw-greenlet.ts';
export { BlockingSwitchOutError, GreenletError, GreenletExit, InvalidSwitchError } from './errors.ts';
