// greenlets/tls: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError, GreenletError } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { ClosedError, EndOfStreamError } from './io/errors.ts';
export type { ConnectOptions, UpgradeOptions } from './io/open-connection.ts';
export { TlsSocket as Socket } from './io/tls-socket.ts';
