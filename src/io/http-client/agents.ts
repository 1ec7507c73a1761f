import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Agent } from 'undici';

/** Options of `tls.connect` for the servers of a request: `ca`, `cert`, `key`, `rejectUnauthorized`, … */
export type TlsOptions = ConnectionOptions;

/** So many sets of TLS options have connections of their own; the oldest gives way. */
const MOST_AGENTS = 16;

const agents: { tls: TlsOptions | undefined; agent: Agent }[] = [];

/** The agent, with its pool of connections, for requests with these TLS options. Equal options share one. */
export function agentFor(tls: TlsOptions | undefined): Agent {
  const known = agents.find((entry) => entry.tls === tls || isDeepStrictEqual(entry.tls, tls));
  if (known !== undefined) return known.agent;
  const agent = makeAgent(tls);
  agents.push({ tls: tls && { ...tls }, agent });
  if (agents.length > MOST_AGENTS) void agents.shift()?.agent.close();
  return agent;
}

/** The agent's own times are off: `Exchange` measures them, and takes only those it is told. */
function makeAgent(tls: TlsOptions | undefined): Agent {
  // Loaded at the first request: servers do without it.
  const undici = createRequire(import.meta.url)('undici') as typeof import('undici');
  const times = { headersTimeout: 0, bodyTimeout: 0 };
  return new undici.Agent(tls === undefined ? times : { ...times, connect: tls as object });
}
