// greenlets/websocket: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError, GreenletError, GreenletExit } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export {
  connectWebSocket,
  type ReconnectOptions,
  stayConnected,
  type WebSocketOptions,
} from './io/connect-websocket.ts';
export { ClosedError } from './io/errors.ts';
export type { HttpRequest } from './io/http-server-request.ts';
export { type Message, WebSocket } from './io/websocket.ts';
export { type WebSocketHandler, WebSocketServer, type WebSocketServerOptions } from './io/websocket-server.ts';
