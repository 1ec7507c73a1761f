/** Many who talk and listen, in several rooms. */
import { type Group, nursery, sleep, withTimeout } from 'greenlets';
import { Talker } from './talker.ts';

export interface CrowdOptions {
  url: string;
  sockets: number;
  rooms: number;
  /** How many each one says. */
  messages: number;
  /** Over how many ms. */
  duration: number;
  /** How long the last message may take, in ms. */
  patience: number;
}

export interface CrowdFigures {
  sockets: number;
  rooms: number;
  /** How long it took until all were in their rooms, in ms. */
  arrival: number;
  said: number;
  delivered: number;
  lost: number;
  doubled: number;
  skipped: number;
  /** From the first message to the last delivery, in ms. */
  took: number;
  /** Milliseconds from posting to delivery: half of all, 99 % of all, all. */
  delay: { median: number; p99: number; max: number };
}

/** Connections that are made at a time. */
const ARRIVING = 50;

export function runCrowd(options: CrowdOptions): CrowdFigures {
  const { url, sockets, rooms, messages, duration, patience } = options;
  const begun = performance.now();
  const talkers: Talker[] = [];
  nursery(
    (group) => {
      for (let i = 0; i < sockets; i++) {
        group.spawn(() => talkers.push(new Talker(url, `talker-${i}`, `room-${i % rooms}`)));
      }
    },
    { limit: ARRIVING },
  );
  const arrived = performance.now();
  const expected = (sockets / rooms) * messages;
  withTimeout(duration + patience, () => nursery((group) => talkAll(group, talkers, options, expected)), {
    value: undefined, // what is missing is counted
  });
  const took = performance.now() - arrived;
  for (const talker of talkers) talker.leave();
  const delays = Float64Array.from(talkers.flatMap((talker) => talker.delays)).sort();
  const sum = (of: (talker: Talker) => number): number => talkers.reduce((total, talker) => total + of(talker), 0);
  return {
    sockets,
    rooms,
    arrival: arrived - begun,
    said: sockets * messages,
    delivered: sum(({ heard }) => heard.size),
    lost: sum(({ heard }) => expected - heard.size),
    doubled: sum(({ doubled }) => doubled),
    skipped: sum(({ skipped }) => skipped),
    took,
    delay: { median: quantile(delays, 0.5), p99: quantile(delays, 0.99), max: quantile(delays, 1) },
  };
}

function talkAll(group: Group, talkers: Talker[], { messages, duration }: CrowdOptions, expected: number): void {
  for (const talker of talkers) {
    group.spawn(() => talker.listen(expected));
    group.spawn(() => {
      for (let i = 1; i <= messages; i++) {
        sleep((2 * Math.random() * duration) / messages);
        talker.say(`message ${i} of ${messages}, said among many others`);
      }
    });
  }
}

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
}
