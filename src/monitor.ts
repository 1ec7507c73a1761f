// greenlets/monitor: who hogs the event loop, and how much memory the process has.
export { GreenletError } from './errors.ts';
export type { MemoryReport } from './observe/memory-watch.ts';
export { exportMetrics, type MetricsOptions, type PrometheusClient } from './observe/metrics.ts';
export { type BlockedReport, type Monitor, type MonitorOptions, startMonitor } from './observe/monitor.ts';
