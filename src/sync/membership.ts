import type { Greenlet } from '../hub/greenlet.ts';
import { QueueNode } from '../hub/wait-queue.ts';
import type { Group } from './group.ts';

/** Tells a group of a member's end, at once: its slot is free before anybody else is woken. */
export class Membership extends QueueNode {
  readonly greenlet: Greenlet;
  /** Whether a `join` has observed the member, so that its failure is the group's to throw. */
  promised = false;
  readonly #group: Group;

  constructor(group: Group, greenlet: Greenlet) {
    super();
    this.#group = group;
    this.greenlet = greenlet;
  }

  promise(): void {
    this.promised = true;
    this.greenlet.observe();
  }

  override wake(): boolean {
    this.#group.ended(this);
    return true;
  }
  override fail(): boolean {
    return this.wake();
  }
}
