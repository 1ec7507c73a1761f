import { inspect } from '../builtins.ts';
import { assertOptions } from '../hub/check.ts';
import { hub } from '../hub/hub.ts';
import { blockedChannel } from './channels.ts';
import type { BlockedReport } from './monitor.ts';

/** What is used of `prom-client`. */
export interface PrometheusClient {
  Gauge: new (options: MetricOptions) => { set(value: number): void };
  Counter: new (options: MetricOptions) => { inc(value?: number): void; reset(): void };
}

interface MetricOptions {
  name: string;
  help: string;
  registers?: never[];
  // `this` is the metric.
  collect?: () => void;
}

/** See `exportMetrics`. */
export interface MetricsOptions {
  /** What names begin with; `greenlets_` by default. */
  prefix?: string;
  /** The registries; the client's own by default. */
  registers?: unknown[];
}

/**
 * Makes the hub's counters metrics for Prometheus: how many greenlets are alive, ready and blocked; how many were spawned,
 * and how often was switched; how often the event loop was blocked, which takes a running monitor. They are read when
 * they are asked for.
 *
 * @param client the module `prom-client`.
 * @throws {TypeError} for bad arguments.
 * @example
 * import client from 'prom-client';
 * exportMetrics(client);
 */
export function exportMetrics(client: PrometheusClient, options: MetricsOptions = {}): void {
  if (typeof client?.Gauge !== 'function' || typeof client.Counter !== 'function') {
    throw new TypeError(`expected the module prom-client, got ${inspect(client, { depth: 0 })}`);
  }
  assertOptions(options);
  const { prefix = 'greenlets_', registers } = options;
  const common = registers === undefined ? {} : { registers: registers as never[] };
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric = new client.Gauge({ name: prefix + name, help, ...common, collect: () => metric.set(read()) });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    const metric = new client.Counter({
      name: prefix + name,
      help,
      ...common,
      collect: () => {
        metric.reset();
        metric.inc(read());
      },
    });
  };
  gauge('alive', 'Greenlets that have started and not ended', () => hub.stats.alive);
  gauge('ready', 'Greenlets that run at their next turn', () => hub.stats.ready);
  gauge('blocked', 'Greenlets that wait', () => hub.stats.blocked);
  counter('spawned_total', 'Greenlets spawned', () => hub.stats.spawned);
  counter('switches_total', 'Switches between greenlets', () => hub.stats.switches);
  let stalls = 0;
  let stalledSeconds = 0;
  blockedChannel.subscribe((report) => {
    stalls++;
    stalledSeconds += (report as BlockedReport).blockedFor / 1000;
  });
  counter('loop_blocked_total', 'Times the event loop was blocked', () => stalls);
  counter(
    'loop_blocked_seconds_total',
    'Seconds the event loop had been blocked when it was noticed',
    () => stalledSeconds,
  );
}
