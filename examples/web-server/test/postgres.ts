/** A PostgreSQL server for tests. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkOutput, Popen } from 'greenlets/subprocess';
import { freePort } from '../../../test/support/free-port.ts';

/** Where Debian has it. */
const HOME = '/usr/lib/postgresql';
const SETTINGS = ['listen_addresses=127.0.0.1', 'fsync=off', 'log_min_messages=log'];

const programs = newestPrograms();
/** Why tests with PostgreSQL cannot run here; false if they can. */
export const whyNoPostgres: string | false = programs === null ? 'postgresql is not installed' : false;

export class PostgresServer {
  readonly url: string;
  readonly #folder: string = mkdtempSync(path.join(tmpdir(), 'postgres-'));
  readonly #process: Popen;

  /** Makes an empty database; waits until it can be used. */
  constructor() {
    const port = freePort();
    const data = path.join(this.#folder, 'data');
    const options = { cwd: this.#folder, ...this.#asItsUser() };
    checkOutput(path.join(programs as string, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'test', '-N'], options);
    const args = ['-D', data, '-p', String(port), '-k', this.#folder, ...SETTINGS.flatMap((one) => ['-c', one])];
    this.#process = new Popen(path.join(programs as string, 'postgres'), args, options);
    this.url = `postgres://test@127.0.0.1:${port}/postgres`;
    for (let line: string | null = ''; !line.includes('ready to accept connections'); ) {
      line = this.#process.stderr.readLine();
      if (line === null) throw new Error('postgres has not started');
    }
  }

  stop(): void {
    this.#process.kill('SIGINT');
    this.#process.wait();
    rmSync(this.#folder, { recursive: true });
  }

  /** It refuses to run as root. */
  #asItsUser(): { uid?: number; gid?: number } {
    if (process.getuid?.() !== 0) return {};
    const [uid, gid] = ['-u', '-g'].map((which) => Number(checkOutput('id', [which, 'postgres'])));
    checkOutput('chown', [`${uid}:${gid}`, this.#folder]);
    return { uid: uid as number, gid: gid as number };
  }
}

function newestPrograms(): string | null {
  try {
    const [newest] = readdirSync(HOME).sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? null : path.join(HOME, newest, 'bin');
  } catch {
    return null;
  }
}
