// greenlets/socket: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError, GreenletError } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export type { Bytes } from './io/bytes.ts';
export {
  type Datagram,
  type DatagramOptions,
  DatagramSocket,
  type DatagramTarget,
} from './io/datagram-socket.ts';
export { ClosedError, EndOfStreamError } from './io/errors.ts';
export type { ListenOptions } from './io/listen.ts';
export { Listener } from './io/listener.ts';
export type { ConnectOptions, UpgradeOptions } from './io/open-connection.ts';
export { Socket } from './io/socket.ts';
export type { Endpoint, InternetAddress, SocketAddress } from './io/socket-address.ts';
