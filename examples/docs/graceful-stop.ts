import { sleep } from 'greenlets';
import { HttpServer } from 'greenlets/http';
import { onSignal } from 'greenlets/signal';

const server = new HttpServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8000),
  spawn: 1000, // requests at a time; more wait, beyond the backlog they get a 503
  handle() {
    sleep(200);
    return 'done\n';
  },
});
onSignal('SIGTERM', () => server.stop(10_000)); // no new requests; those under way get ten seconds
server.start();
console.log('serving', server.address);
server.serveForever(); // returns when all have ended
console.log('stopped');
