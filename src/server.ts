// greenlets/server: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, GreenletError, GreenletExit } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { type DatagramHandler, DatagramServer, type DatagramServerOptions } from './io/datagram-server.ts';
export { ClosedError } from './io/errors.ts';
export type { SpawnPolicy } from './io/handlers.ts';
export type { ListenOptions } from './io/listen.ts';
export type { ErrorHandler } from './io/report.ts';
export type { ServerOptions } from './io/server.ts';
export type { InternetAddress, SocketAddress } from './io/socket-address.ts';
export { type StreamHandler, StreamServer, type StreamServerOptions } from './io/stream-server.ts';
