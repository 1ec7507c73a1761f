import type { Greenlet } from './greenlet.ts';
import type { TimerEntry } from './timers.ts';

/** Starts a greenlet when its delay is over. */
export class StartTimer implements TimerEntry {
  deadline = 0;
  heapIndex = -1;
  order = 0;
  readonly greenlet: Greenlet;
  constructor(greenlet: Greenlet) {
    this.greenlet = greenlet;
  }
  expire(): void {
    this.greenlet.start();
  }
}
