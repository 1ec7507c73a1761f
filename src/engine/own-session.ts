/** Inspector sessions of this package with its own thread. They are no debuggers: `watchDebuggers` does not count them. */
import type { Session } from 'node:inspector';
import { loadInspector } from '../builtins.ts';

type SessionMethod = (this: unknown, ...args: unknown[]) => unknown;
interface SessionMethods {
  connect: SessionMethod;
  disconnect: SessionMethod;
}

let methods: SessionMethods | null = null;

/** What `Session.prototype` had before the first call. */
export function sessionMethods(): SessionMethods {
  const { connect, disconnect } = loadInspector().Session.prototype as SessionMethods;
  methods ??= { connect, disconnect };
  return methods;
}

/** Calls `use` with a session that is connected meanwhile. @throws what Node throws where it refuses the inspector. */
export function withOwnSession<T>(use: (session: Session) => T): T {
  const { connect, disconnect } = sessionMethods();
  const session = new (loadInspector().Session)();
  connect.call(session);
  try {
    return use(session);
  } finally {
    disconnect.call(session);
  }
}
