import { ask, readPid } from './ask.ts';

/** `greenlets dump <pid>`: the tree of all greenlets of a process, with their stacks. */
export async function dump(args: string[]): Promise<number> {
  console.log(await ask(readPid('dump', args), '/dump'));
  return 0;
}
