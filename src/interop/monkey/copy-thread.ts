import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { checkpoint } from '../../hub/park.ts';
import type { QueueNode } from '../../hub/wait-queue.ts';
import type { WaitSource } from '../../hub/waiter.ts';
import { CallFailure } from './suspend.ts';

const PROGRAM = `
  const { cpSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  cpSync(...workerData);
  parentPort.postMessage(true);
`;

/** One `fs.cpSync` in a thread of its own. Wakes with false if it has failed. */
export class CopyThread implements WaitSource {
  readonly #worker: Worker;
  #node: QueueNode | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    const settle = (done: boolean) => (): void => void this.#node?.wake(done);
    worker.on('message', settle(true)).on('error', settle(false)).on('exit', settle(false));
  }

  /** @throws {CallFailure} if an argument cannot be sent to a thread. */
  static start(args: unknown[]): CopyThread {
    checkpoint();
    try {
      const sent = args.map((arg) => (arg instanceof URL ? fileURLToPath(arg) : arg));
      return new CopyThread(new Worker(PROGRAM, { eval: true, execArgv: [], workerData: sent }));
    } catch (error) {
      throw new CallFailure(error, true);
    }
  }

  register(node: QueueNode): void {
    this.#node = node;
  }

  /** Nobody waits any more: it stops copying. */
  unregister(): void {
    this.#node = null;
    void this.#worker.terminate();
  }
}
