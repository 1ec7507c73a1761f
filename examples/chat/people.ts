/** Who is in a room, over all processes. */

/** A process that has not been heard of for so long is gone, and its people with it; in ms. */
const SILENCE = 15_000;

interface Announcement {
  names: ReadonlySet<string>;
  /** When it came. */
  heard: number;
}

export class People {
  readonly #nodes = new Map<string, Announcement>();
  #shown: ReadonlySet<string> = new Set();

  /** The people of one process, all of them. */
  announce(node: string, names: Iterable<string>): void {
    this.#nodes.set(node, { names: new Set(names), heard: Date.now() });
  }

  /** Forgets the people of processes that have died. */
  forgetSilent(): void {
    for (const [node, { heard }] of this.#nodes) if (Date.now() - heard > SILENCE) this.#nodes.delete(node);
  }

  /** Everyone, as of the last `update`. */
  get names(): string[] {
    return [...this.#shown].sort();
  }

  /** Who has come and who has left since the last call; null if nobody has. */
  update(): { joined: string[]; left: string[] } | null {
    const before = this.#shown;
    const now = new Set([...this.#nodes.values()].flatMap(({ names }) => [...names]));
    this.#shown = now;
    const joined = [...now].filter((name) => !before.has(name));
    const left = [...before].filter((name) => !now.has(name));
    return joined.length + left.length === 0 ? null : { joined, left };
  }
}
