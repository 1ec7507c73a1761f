import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { toAsync, waitEvent } from 'greenlets';
import { get } from 'greenlets/http';
import { titleOf } from './title-of.ts';

/** Each request is handled in a greenlet of its own; a handler may block wherever it likes. */
const server = createServer(
  toAsync((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/') response.end('<title>Home</title>');
    else response.end(`the title of the home page is: ${titleOf(`http://127.0.0.1:${port()}/`)}\n`);
  }),
);

function port(): number {
  return (server.address() as { port: number }).port;
}

server.listen(0, '127.0.0.1');
waitEvent(server, 'listening');
console.log(get(`http://127.0.0.1:${port()}/title`).text());
server.close();
