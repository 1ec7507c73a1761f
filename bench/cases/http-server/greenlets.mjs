/** One operation: a request to a hello-world server that waits once for each, under wrk. `async`: `node:http` and `await`. */
import { HttpServer } from '../../../dist/http.js';
import { run, wait } from '../../../dist/index.js';
import { measureUnderLoad } from '../../measure/load.mjs';
import { nextTurn } from '../../rivals/next-turn.mjs';

const server = new HttpServer({
  host: '127.0.0.1',
  port: 0,
  handle() {
    wait(nextTurn());
    return 'hello world';
  },
});
await run(() => server.start());
await measureUnderLoad('http', server.address.port);
process.exit();
