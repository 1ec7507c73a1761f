import type { Socket } from 'node:net';
import repl from 'node:repl';
import { inspect } from 'node:util';
import { Greenlet } from '../hub/greenlet.ts';
import { hub } from '../hub/hub.ts';
import { spawn } from '../hub/spawn.ts';
import { waitEvent } from '../interop/callbacks.ts';
import { formatListing } from './format-listing.ts';
import { formatRunInfo } from './format-run-info.ts';
import { listGreenlets } from './listing.ts';

/** A REPL over `stream`, until it is left. Each of its lines runs in a greenlet of its own. */
export function runSession(stream: Socket, context: Record<string, unknown>): void {
  const session = repl.start({ input: stream, output: stream, prompt: '> ', ignoreUndefined: true });
  const print = (text: string): void => {
    stream.write(`${text}\n`);
  };
  Object.assign(session.context, context, {
    ps: () => print(formatListing(listGreenlets()).join('\n')),
    dump: () => print(formatRunInfo()),
    kill,
  });
  const { eval: evaluate } = session;
  Object.assign(session, {
    eval: (...args: Parameters<typeof evaluate>) => {
      spawn({ name: 'backdoor' }, () => evaluate.apply(session, args));
    },
  });
  try {
    waitEvent(session, 'exit');
  } finally {
    session.close();
  }
}

/** Kills the greenlet of that id. @returns what it is called. */
function kill(id: number): string {
  for (const greenlet of hub.living()) {
    if (!(greenlet instanceof Greenlet) || greenlet.id !== id) continue;
    greenlet.kill(undefined, { block: false });
    return greenlet.name;
  }
  throw new RangeError(`there is no greenlet of id ${inspect(id)}`);
}
