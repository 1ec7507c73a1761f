export { onSignal } from './io/on-signal.ts';
