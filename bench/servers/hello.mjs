/** One small response, whatever is asked for; tells its port to the one that has started it, and ends with it. */
import http from 'node:http';

const server = http.createServer((_, response) => response.end('a small response, as of an API'));
server.listen({ host: '127.0.0.1', port: 0, backlog: 2000 }, () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
