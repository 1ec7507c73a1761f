/**
 * Where the green world is entered from ordinary code: the greenlets behind `run()`, and the program of the command.
 * When the process has nothing left to do while one of them is still blocked, nothing can ever wake it: it is told so,
 * and by whom everybody is stuck.
 */
import { shared } from '../engine/shared.ts';
import { LoopExit } from '../errors.ts';
import { describeInLine } from './describe.ts';
import { Greenlet } from './greenlet.ts';
import { hub } from './hub.ts';
import { interrupt } from './park.ts';
import { Roster, type RosterMember } from './roster.ts';

const { setImmediate } = globalThis;

/** All that were started and have not ended; null before the first. */
let roots: Roster<RootGreenlet> | null = null;

export class RootGreenlet extends Greenlet<never> implements RosterMember {
  /** @internal On the roster of roots. */ place = -1;
  #resolve: ((value: never) => void) | null = null;
  #reject: (error: unknown) => void = () => {};

  override start(): void {
    if (this.ready) return; // killed before, by its signal
    roots ??= shared('roots', makeRoots);
    roots.add(this);
    super.start();
  }

  /** As `toPromise`, at less cost. To be called once, before the start. */
  promised(): Promise<never> {
    if (this.ready) return this.toPromise();
    this.observe();
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  protected override settled(): void {
    roots?.delete(this);
    // Behind whom it has woken or killed; and if it was terminated, not among the promise jobs that this sweeps.
    if (this.#resolve !== null) hub.schedule(() => this.#keepPromise());
  }

  #keepPromise(): void {
    if (this.successful) this.#resolve?.(this.value as never);
    else this.#reject(this.exception);
  }
}

/** The listener stays: to take it off and put it on again would cost more than the greenlet of a short call. */
function makeRoots(): Roster<RootGreenlet> {
  const made = new Roster<RootGreenlet>();
  process.on('beforeExit', () => {
    if (made.size === 0) return;
    const message = describeStuck();
    for (const greenlet of made) interrupt(greenlet, new LoopExit(message));
    setImmediate(() => {}); // the loop goes on while they do, and may come to an end again
  });
  return made;
}

function describeStuck(): string {
  const blocked = hub.blocked();
  const lines = blocked.map((greenlet) => `  ${describeInLine(greenlet)}`);
  return `nothing is left that could wake anybody; ${blocked.length} blocked:\n${lines.join('\n')}`;
}
