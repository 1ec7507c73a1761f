import assert from 'node:assert/strict';
import { child } from './support/child.ts';
import { testOnMain as test } from './support/leaks.ts';

/** A worker that debugs the main thread: `onPaused` is what it does at each pause. */
const debuggedBy = (onPaused: string): string => `
  import { Worker } from 'node:worker_threads';
  import { run, sleep, spawn, wait } from 'greenlets';
  const source = ${JSON.stringify(`
    import { Session } from 'node:inspector';
    import { parentPort } from 'node:worker_threads';
    const session = new Session();
    session.connectToMainThread();
    let pauses = 0;
    session.on('Debugger.paused', ({ params }) => { pauses++; ${onPaused} });
    session.post('Debugger.enable', () => parentPort.postMessage('ready'));
    parentPort.on('message', () => parentPort.postMessage(pauses));
  `)};
  const worker = new Worker(source, { eval: true });
  const next = () => new Promise((resolve) => worker.once('message', resolve));
  await next();
  const ask = async () => { worker.postMessage('pauses'); const pauses = await next(); await worker.terminate(); return pauses; };`;

const stepped = (how: string): string =>
  `${debuggedBy(`session.post('Debugger.' + (pauses < 150 ? ${how} : 'resume'));`)}
  await run(() => {
    const others = [1, 2].map(() => spawn(() => { for (let i = 0; i < 100; i++) sleep(0); }));
    const debugged = spawn(() => {
      debugger;
      for (let i = 0; i < 20; i++) { sleep(0); wait(Promise.resolve()); sleep(1); }
      return 'done';
    });
    console.log(debugged.get());
    for (const other of others) other.join();
  });
  console.log('paused', await ask());`;

for (const [name, how] of [
  ['stepping into', "'stepInto'"],
  ['stepping over', "'stepOver'"],
  ['stepping out of', "'stepOut'"],
  ['all kinds of steps through', "['stepInto', 'stepOver', 'stepOut'][pauses % 3]"],
]) {
  test(`${name} blocking calls`, () => {
    const { status, signal, output } = child(stepped(how as string), ['--inspect=0']);
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, output);
    assert.match(output, /^done$/m);
    assert.match(output, /^paused 1[5-9]\d$/m);
  });
}

test('an inspector that is opened while the program runs', () => {
  const { status, signal, output } = child(`
    import inspector from 'node:inspector';
    ${stepped("'stepInto'").replace('await run(', 'inspector.open(0); await run(')}`);
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, output);
  assert.match(output, /^done$/m);
});

test('a debugger sees the locals of a suspended greenlet’s frames when it goes on, and may change them', () => {
  const { output } = child(
    `${debuggedBy(`session.post('Debugger.evaluateOnCallFrame',
        { callFrameId: params.callFrames[0].callFrameId, expression: 'local += 1' });
      session.post('Debugger.resume');`)}
    await run(() => {
      const greenlets = [10, 20].map((local) => spawn(() => { sleep(1); debugger; sleep(1); return local; }));
      console.log(greenlets.map((greenlet) => greenlet.get()).join());
    });
    await worker.terminate();`,
    ['--inspect=0'],
  );
  assert.match(output, /^11,21$/m);
});

// Node itself aborts when this hits a callback of its timers; here it hits a promise job.
test('execution terminated through the inspector ends the greenlet that runs, and no other', () => {
  const { status, output } = child(`
    ${debuggedBy('').replace('parentPort.on(', "parentPort.once('message', () => setTimeout(() => session.post('Runtime.terminateExecution'), 200)); parentPort.on(")}
    const other = run(() => { for (let i = 0; i < 20; i++) sleep(5); return 'the other goes on'; });
    const spinning = run(() => { worker.postMessage('terminate'); for (;;); });
    spinning.catch((error) => console.log(error.name, error.message));
    console.log(await other);
    console.log(await run(() => (sleep(1), 'new ones run')));
    await worker.terminate();`);
  assert.equal(status, 0, output);
  assert.match(output, /GreenletError the greenlet was terminated/);
  assert.match(output, /the other goes on\nnew ones run/);
});

test('CPU profiles that are stopped near the end of a greenlet’s stack', () => {
  const { status, signal, output } = child(`
    import { Session } from 'node:inspector';
    import { run, sleep } from 'greenlets';
    const session = new Session();
    session.connect();
    const post = (method) => session.post(method, (error) => { if (error) throw error; });
    post('Profiler.enable');
    await run(() => {
      let deepest = 0;
      for (let spare = 0; spare < 40; spare++) {
        // Dives until the stack is full, then stops the profile so many frames above that.
        const dive = (depth) => {
          try { return dive(depth + 1); } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            deepest = Math.max(deepest, depth);
            if (depth > deepest - spare) throw error;
            post('Profiler.start'); post('Profiler.stop');
          }
        };
        dive(0);
        sleep(0);
      }
    });
    console.log('profiled');`);
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, output);
  assert.match(output, /profiled/);
});

test('heap snapshots with objects that only suspended stacks hold', () => {
  const { output } = child(`
    import { getHeapSnapshot } from 'node:v8';
    import { run, sleep, spawn } from 'greenlets';
    class HeldByAStack { constructor(n) { this.n = n; } }
    const greenlets = [1, 2, 3].map((n) => spawn(() => { const held = new HeldByAStack(n); sleep(50); return held.n; }));
    await run(() => sleep(1));
    let text = '';
    for await (const chunk of getHeapSnapshot()) text += chunk;
    const { snapshot: { meta }, nodes, strings } = JSON.parse(text);
    const name = meta.node_fields.indexOf('name');
    let count = 0;
    for (let i = name; i < nodes.length; i += meta.node_fields.length) if (strings[nodes[i]] === 'HeldByAStack') count++;
    console.log(count >= 3, await run(() => greenlets.map((greenlet) => greenlet.get()).join()));`);
  assert.equal(output, 'true 1,2,3\n');
});
