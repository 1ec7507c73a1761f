// greenlets/inspect: what every greenlet is doing right now.
export { GreenletError } from './errors.ts';
export type { Description, GreenletState } from './hub/describe.ts';
export { type AssertSwitchesOptions, assertSwitches } from './observe/assert-switches.ts';
export { dumpOnSignal } from './observe/dump-on-signal.ts';
export { formatRunInfo } from './observe/format-run-info.ts';
export { type GreenletNode, greenletTree } from './observe/greenlet-tree.ts';
export { serveInspection } from './observe/inspection-server.ts';
