/** The chat in a process of its own, on a free port. */
import { fileURLToPath } from 'node:url';
import { checkOutput, Popen } from 'greenlets/subprocess';

const command = fileURLToPath(new URL('dist/cli/greenlets.js', import.meta.resolve('greenlets/package.json')));
const main = fileURLToPath(new URL('../main.js', import.meta.url));
const endWithParent = new URL('end-with-parent.js', import.meta.url).href;

export class ServerProcess implements Disposable {
  readonly url: string;
  readonly #process: Popen;

  /** Waits until it serves. @param redis the URL of Redis; null without. */
  constructor({ history = ':memory:', redis = null }: { history?: string; redis?: string | null } = {}) {
    const { REDIS_URL: _, ...env } = process.env;
    const args = ['--import', endWithParent, command, main, '--port', '0', '--history', history];
    this.#process = new Popen(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: redis === null ? env : { ...env, REDIS_URL: redis },
    });
    const line = this.#process.stdout.readLine();
    if (line === null) throw new Error('the server has not started');
    this.url = line.slice(line.indexOf('http'));
  }

  /** Resident memory, in bytes. */
  get memory(): number {
    return 1024 * Number(checkOutput('ps', ['-o', 'rss=', '-p', String(this.#process.pid)]));
  }

  /** Ends it with a signal; waits for its end. @returns its exit code, or the name of the signal. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): number | string {
    this.#process.kill(signal);
    return this.#process.wait();
  }

  [Symbol.dispose](): void {
    this.#process[Symbol.dispose]();
  }
}
