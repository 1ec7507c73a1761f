/**
 * Random programs of puts, gets, selects, kills, timeouts and shutdowns on two queues and a channel, against a model that
 * fits on a page. Effects take place at once, in the order of the program, so the model knows each outcome exactly.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Greenlet, GreenletExit, getHub, select, sleep, spawn, Timeout } from 'greenlets';
import { Channel, Queue, QueueEmpty, QueueFull, QueueShutDown } from 'greenlets/queue';
import { VirtualClock } from 'greenlets/testing';
import { test } from './support/leaks.ts';

/** One blocking call; it may wait in several queues at once. */
interface Call {
  outcome: string | undefined;
  deadline: number;
}
interface Waiting {
  call: Call;
  index: number;
  item: number;
}
interface Case {
  queue: number;
  put: boolean;
}

class ModelQueue {
  items: number[] = [];
  getters: Waiting[] = [];
  putters: Waiting[] = [];
  shut = false;
  readonly #capacity: number;
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  #firstOf(waiting: Waiting[], except?: Call): Waiting | undefined {
    const index = waiting.findIndex(({ call }) => call.outcome === undefined && call !== except);
    return index === -1 ? undefined : waiting.splice(index, 1)[0];
  }
  has(waiting: Waiting[], except?: Call): boolean {
    return waiting.some(({ call }) => call.outcome === undefined && call !== except);
  }
  canPut(call?: Call): boolean {
    return !this.shut && (this.items.length < this.#capacity || this.has(this.getters, call));
  }
  canGet(call?: Call): boolean {
    return this.items.length > 0 || (this.#capacity === 0 && this.has(this.putters, call));
  }
  put(item: number, by?: Call): void {
    const getter = this.#firstOf(this.getters, by);
    if (getter === undefined) this.items.push(item);
    else getter.call.outcome = `${getter.index}:${item}`;
  }
  get(by?: Call): number {
    if (this.#capacity === 0) {
      const putter = this.#firstOf(this.putters, by) as Waiting;
      putter.call.outcome = `${putter.index}:put`;
      return putter.item;
    }
    const item = this.items.shift() as number;
    const putter = this.#firstOf(this.putters, by);
    if (putter !== undefined) {
      this.items.push(putter.item);
      putter.call.outcome = `${putter.index}:put`;
    }
    return item;
  }
  shutdown(immediate: boolean): void {
    this.shut = true;
    for (const { call } of [...this.putters, ...this.getters]) call.outcome ??= 'shut';
    if (immediate) this.items = [];
  }
}

const CAPACITIES = [2, Number.POSITIVE_INFINITY, 0];
const queueIndex = fc.nat(2);
const timeout = fc.option(fc.integer({ min: 1, max: 20 }), { nil: null });
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), queue: queueIndex, timeout }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('get' as const), queue: queueIndex, timeout }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('putNowait' as const), queue: queueIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('getNowait' as const), queue: queueIndex }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('select' as const),
      // No case twice: which of two the same takes effect is not promised.
      cases: fc.uniqueArray(fc.record({ queue: queueIndex, put: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
        selector: ({ queue, put }) => `${queue} ${put}`,
      }),
      timeout,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), which: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('yield' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('shutdown' as const), queue: queueIndex, immediate: fc.boolean() }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

class Program {
  readonly #clock: VirtualClock;
  readonly #queues = [new Queue<number>(2), new Queue<number>(), new Channel<number>()] as const;
  readonly #models = CAPACITIES.map((capacity) => new ModelQueue(capacity));
  readonly #calls: { call: Call; greenlet: Greenlet<string> }[] = [];
  #lastItem = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  run(operations: Operation[]): void {
    const { blocked } = getHub().stats;
    for (const op of operations) {
      this.#perform(op);
      this.#queues.forEach((queue, i) => assert.equal(queue.size, this.#models[i]?.items.length));
    }
    this.#clock.advance(100);
    for (const { call } of this.#calls) if (call.deadline < Number.POSITIVE_INFINITY) call.outcome ??= 'expired';
    for (const { greenlet } of this.#calls) greenlet.kill(undefined, { block: false });
    for (const { call, greenlet } of this.#calls) {
      call.outcome ??= 'killed';
      greenlet.join();
      assert.equal(greenlet.killed ? 'killed' : greenlet.get(), call.outcome);
    }
    // Nobody is left behind: what is put now stays, and what is there can be taken.
    assert.equal(getHub().stats.blocked, blocked);
    this.#queues.forEach((queue, i) => {
      const model = this.#models[i] as ModelQueue;
      while (queue.size > 0) assert.equal(queue.getNowait(), model.items.shift());
      assert.equal(model.items.length, 0);
      if (!model.shut && i !== 2) {
        queue.putNowait(0);
        assert.equal(queue.size, 1);
      }
    });
  }

  #perform(op: Operation): void {
    switch (op.do) {
      case 'put':
      case 'get':
        this.#call([{ queue: op.queue, put: op.do === 'put' }], op.timeout, false);
        break;
      case 'select':
        this.#call(op.cases, op.timeout, true);
        break;
      case 'putNowait':
        this.#putNowait(op.queue, ++this.#lastItem);
        break;
      case 'getNowait':
        this.#getNowait(op.queue);
        break;
      case 'kill':
        this.#kill(op.which);
        break;
      case 'advance':
        this.#clock.advance(op.ms);
        for (const { call } of this.#calls) if (call.deadline <= this.#clock.now()) call.outcome ??= 'expired';
        break;
      case 'yield':
        sleep(0);
        break;
      case 'shutdown':
        this.#queues[op.queue]?.shutdown({ immediate: op.immediate });
        this.#models[op.queue]?.shutdown(op.immediate);
    }
  }

  #kill(which: number): void {
    const target = this.#calls[which % Math.max(1, this.#calls.length)];
    target?.greenlet.kill(undefined, { block: false });
    if (target !== undefined) target.call.outcome ??= 'killed';
  }

  #putNowait(index: number, item: number): void {
    const [queue, model] = [this.#queues[index] as Queue<number>, this.#models[index] as ModelQueue];
    if (model.shut) {
      assert.throws(() => queue.putNowait(item), QueueShutDown);
    } else if (!model.canPut()) {
      assert.throws(() => queue.putNowait(item), QueueFull);
    } else {
      queue.putNowait(item);
      model.put(item);
    }
  }

  #getNowait(index: number): void {
    const [queue, model] = [this.#queues[index] as Queue<number>, this.#models[index] as ModelQueue];
    if (model.canGet()) assert.equal(queue.getNowait(), model.get());
    else assert.throws(() => queue.getNowait(), model.shut ? QueueShutDown : QueueEmpty);
  }

  /** Starts a blocking call, lets it begin, and follows it in the model. */
  #call(cases: Case[], ms: number | null, selecting: boolean): void {
    sleep(0); // those that were served before have ended now
    const items = cases.map(() => ++this.#lastItem);
    const call: Call = { outcome: undefined, deadline: Number.POSITIVE_INFINITY };
    const greenlet = spawn(() => this.#block(cases, items, ms, selecting));
    sleep(0);
    if (ms !== null) call.deadline = this.#clock.now() + ms;
    const possible = cases.flatMap(({ queue, put }, index) => {
      const model = this.#models[queue] as ModelQueue;
      if (put ? model.canPut() : model.canGet()) return [index];
      return model.shut ? [index] : [];
    });
    if (possible.length > 0) {
      sleep(0);
      this.#applyChosen(call, cases, items, possible, greenlet.get());
    } else {
      cases.forEach(({ queue, put }, index) => {
        const model = this.#models[queue] as ModelQueue;
        model[put ? 'putters' : 'getters'].push({ call, index, item: items[index] as number });
      });
    }
    this.#calls.push({ call, greenlet });
  }

  /** Several cases were possible: whichever took effect, it must have been one of them, with the right effect. */
  #applyChosen(call: Call, cases: Case[], items: number[], possible: number[], actual: string): void {
    const expected = possible.map((index) => {
      const { queue, put } = cases[index] as Case;
      const model = this.#models[queue] as ModelQueue;
      if (put) return model.shut ? 'shut' : `${index}:put`;
      if (!model.canGet()) return 'shut';
      const first = model.items[0] ?? model.putters.find((waiting) => waiting.call.outcome === undefined)?.item;
      return `${index}:${first}`;
    });
    assert.ok(expected.includes(actual), `${actual} is none of ${expected}`);
    call.outcome = actual;
    if (actual === 'shut') return;
    const index = Number.parseInt(actual, 10);
    const { queue, put } = cases[index] as Case;
    const model = this.#models[queue] as ModelQueue;
    if (put) model.put(items[index] as number, call);
    else model.get(call);
  }

  #block(cases: Case[], items: number[], ms: number | null, selecting: boolean): string {
    const [first] = cases as [Case];
    const queue = this.#queues[first.queue] as Queue<number>;
    try {
      if (selecting) {
        const { index, value } = select(
          cases.map((one, i) => {
            const target = this.#queues[one.queue] as Queue<number>;
            return one.put ? target.onPut(items[i] as number) : target.onGet();
          }),
          ms,
        );
        return `${index}:${cases[index]?.put ? 'put' : value}`;
      }
      if (!first.put) return `0:${queue.get(ms)}`;
      queue.put(items[0] as number, ms);
      return '0:put';
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      if (error instanceof QueueShutDown) return 'shut';
      if (error instanceof QueueEmpty || error instanceof QueueFull || error instanceof Timeout) return 'expired';
      throw error;
    }
  }
}

test('random programs on queues and a channel behave as the model: nothing lost, doubled, or out of order', () => {
  using clock = new VirtualClock({ autoJump: false });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => new Program(clock).run(operations)),
    { numRuns: 1500 },
  );
});
