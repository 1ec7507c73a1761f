/** Who may stand on a roster: on one at a time. */
export interface RosterMember {
  /** Where it stands; -1 = nowhere. The roster's to set. */
  place: number;
}

/**
 * Who is present, in no order.
 *
 * For members that come and go all the time, where a Set costs dearly: V8 replaces its hash table again and again, and
 * has each old table, with the members it had, refer to the next one. As soon as one of them has grown old, all members
 * ever are kept until the next full collection.
 */
export class Roster<T extends RosterMember> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  has(member: T): boolean {
    return this.#members[member.place] === member;
  }

  /** Nothing happens if it is not there. */
  delete(member: T): void {
    if (member.place === -1) return;
    const last = this.#members.pop() as T;
    if (last !== member) {
      this.#members[member.place] = last;
      last.place = member.place;
    }
    member.place = -1;
  }

  /** Those at this moment. */
  [Symbol.iterator](): IterableIterator<T> {
    return [...this.#members].values();
  }
}
