import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitCallback, waitEvent } from 'greenlets';

/** Runs `body` while a server of Node's answers with `listener`; gives it the origin, without a slash at the end. */
export function withListener<T>(listener: RequestListener, body: (origin: string) => T): T {
  const server = createServer(listener).listen(0, '127.0.0.1');
  waitEvent(server, 'listening');
  try {
    return body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    waitCallback((done) => server.close(done));
  }
}
