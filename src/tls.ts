// greenlets/tls: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError, GreenletError } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { ClosedError, EndOfStreamError } from './io/errors.ts';
export type { ConnectOptions, UpgradeOptions } from './io/open-connection.ts';
export type { StreamHandler, StreamServerOptions } from './io/stream-server.ts';
export { TlsSocket as Socket, TlsStreamServer as StreamServer } from './io/tls.ts';
