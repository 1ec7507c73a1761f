/** What is seen while the crawl runs: a bar for all of it, and on a terminal one for each busy host. */
import { MultiBar, Presets, SingleBar } from 'cli-progress';
import { type Greenlet, spawn, ticker } from 'greenlets';
import type { Crawler } from './crawler.ts';
import type { Host } from './host.ts';

const FRAME = 100;
const HOSTS = 8;
const ALL =
  '{bar} {percentage}% | {value} of {total} pages | {rate}/s | {flying} in flight | {errors} errors | {mb} MB | {duration_formatted}';
const ONE =
  '{bar} {percentage}% | {value} of {total} | {flying} in flight | {errors} errors | every {delay} ms | {host}';
const STYLE = { noTTYOutput: true, notTTYSchedule: 1000, hideCursor: true, gracefulExit: false, linewrap: null };

/** Shows how far `crawler` is, on stderr, until `stop`. */
export class Progress {
  readonly #crawler: Crawler;
  readonly #bars: MultiBar | null;
  readonly #all: SingleBar;
  readonly #hosts = new Map<Host, SingleBar>();
  readonly #painter: Greenlet;
  readonly #throughput = new Throughput();

  constructor(crawler: Crawler) {
    this.#crawler = crawler;
    const none = { rate: 0, flying: 0, errors: 0, mb: '0.0' };
    if (process.stderr.isTTY) {
      this.#bars = new MultiBar({ ...STYLE, format: ALL, autopadding: true }, Presets.shades_classic);
      this.#all = this.#bars.create(1, 0, none);
    } else {
      this.#bars = null;
      this.#all = new SingleBar({ ...STYLE, format: ALL }, Presets.shades_classic);
      this.#all.start(1, 0, none);
    }
    this.#painter = spawn({ name: 'progress' }, () => {
      for (const _ of ticker(FRAME)) this.#paint();
    });
  }

  stop(): void {
    this.#painter.throw();
    this.#paint();
    this.#all.stop();
    this.#bars?.stop();
  }

  #paint(): void {
    const { records, expected } = this.#crawler;
    const hosts = [...this.#crawler.hosts];
    const total = (value: (host: Host) => number) => hosts.reduce((sum, host) => sum + value(host), 0);
    this.#all.setTotal(Math.max(1, expected));
    this.#all.update(records.length, {
      rate: this.#throughput.of(records.length),
      flying: total((host) => host.inFlight),
      errors: total((host) => host.errors),
      mb: (total((host) => host.bytes) / 1e6).toFixed(1),
    });
    if (this.#bars !== null) for (const host of hosts) this.#paintHost(this.#bars, host);
  }

  #paintHost(bars: MultiBar, host: Host): void {
    const { found, done, errors, inFlight, origin, turns } = host;
    const state = { host: origin, errors, flying: inFlight, delay: Math.round(turns.delay) };
    let bar = this.#hosts.get(host);
    if (bar === undefined) {
      if (this.#hosts.size === HOSTS) return;
      bar = bars.create(1, 0, state, { format: ONE });
      this.#hosts.set(host, bar);
    }
    bar.setTotal(Math.max(1, found));
    bar.update(done, state);
  }
}

/** Pages a second, over the last few seconds. */
class Throughput {
  readonly #samples: [time: number, pages: number][] = [];

  of(pages: number): number {
    const now = performance.now();
    this.#samples.push([now, pages]);
    if (this.#samples.length > 30) this.#samples.shift();
    const [time, before] = this.#samples[0] as [number, number];
    return now === time ? 0 : Math.round(((pages - before) / (now - time)) * 1000);
  }
}
