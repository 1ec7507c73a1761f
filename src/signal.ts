// greenlets/signal: a list of exports, nothing else.
import './interop/install.ts';

export { onSignal } from './io/on-signal.ts';
