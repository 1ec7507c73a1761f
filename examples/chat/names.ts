/** The nicknames of one process's clients. A person may have several clients: windows, phones. */

interface Owner {
  person: string;
  clients: number;
}

export class Names {
  readonly #owners = new Map<string, Owner>();

  /** False if another person has the name. */
  claim(name: string, person: string): boolean {
    const owner = this.#owners.get(fold(name));
    if (owner === undefined) this.#owners.set(fold(name), { person, clients: 1 });
    else if (owner.person === person) owner.clients++;
    else return false;
    return true;
  }

  /** @returns whether nobody has the name any more. */
  release(name: string): boolean {
    const owner = this.#owners.get(fold(name));
    if (owner === undefined || --owner.clients > 0) return false;
    return this.#owners.delete(fold(name));
  }

  personOf(name: string): string | null {
    return this.#owners.get(fold(name))?.person ?? null;
  }

  /** Names and persons. */
  *[Symbol.iterator](): IterableIterator<[name: string, person: string]> {
    for (const [name, { person }] of this.#owners) yield [name, person];
  }
}

/** `Ada` and `ada` are one name. */
export function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
