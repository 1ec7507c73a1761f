import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { dirname, join } from 'node:path';
import { testOnMain as test } from './support/leaks.ts';
import { COMMAND, MAIN, runNode, withProgram } from './support/program.ts';

const PROGRAM = `import { sleep, spawn } from 'greenlets';
  function hot() { for (const end = Date.now() + 100; Date.now() < end; ) Math.sqrt(end); }
  const named = spawn({ name: 'résumé "1"' }, () => { hot(); sleep(1); hot(); });
  const nameless = spawn(hot);
  named.join();
  nameless.join();`;

/** The program, which runs under a profiler of its own and prints the profile. */
const sessionProgram = (before: string): string => `import { Session } from 'node:inspector';
  import { run, sleep, spawn } from 'greenlets';
  ${before}
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
  await run(() => { ${PROGRAM.replace(/^import.*$/m, '')} });
  session.post('Profiler.stop', (_, { profile }) => console.log(JSON.stringify(profile)));`;

/** Runs the program with `args` before its path, `DIR` being an empty folder; the profile that it has left there. */
function profileOf(...args: string[]): Promise<Profiler.Profile> {
  return withProgram('app.mjs', PROGRAM, (path) => {
    const folder = join(dirname(path), 'profiles');
    const { status, output } = runNode([...args.map((argument) => argument.replace('DIR', folder)), path]);
    assert.equal(status, 0, output);
    const [file] = readdirSync(folder);
    return JSON.parse(readFileSync(join(folder, file as string), 'utf8'));
  });
}

/** How many samples of function `name` there are below the frame called `above`. */
function samplesBelow(profile: Profiler.Profile, above: string, name: string): number {
  const { nodes, samples } = profile;
  const below = new Set<number>();
  const visit = ({ id, callFrame, children = [] }: Profiler.ProfileNode, inside: boolean): void => {
    if (inside && callFrame.functionName === name) below.add(id);
    for (const child of nodes) {
      if (children.includes(child.id)) visit(child, inside || callFrame.functionName === above);
    }
  };
  visit(nodes[0] as Profiler.ProfileNode, false);
  return (samples ?? []).filter((id) => below.has(id)).length;
}

function assertShowsGreenlets(profile: Profiler.Profile): void {
  assert.ok(samplesBelow(profile, 'résumé "1"', 'hot') > 0);
  assert.ok(samplesBelow(profile, 'greenlet', 'hot') > 0, 'those without a name share a frame');
}

test('node --cpu-prof shows what greenlets run, under their names', async () => {
  assertShowsGreenlets(await profileOf('--cpu-prof', '--cpu-prof-dir=DIR', '--import', MAIN));
});

test('greenlets --cpu-prof writes such a profile, hits counted', async () => {
  const profile = await profileOf(COMMAND, '--cpu-prof', '--cpu-prof-dir', 'DIR', '--cpu-prof-interval=500');
  assertShowsGreenlets(profile);
  const hits = profile.nodes.filter(({ callFrame }) => callFrame.functionName === 'hot').map((node) => node.hitCount);
  assert.ok(hits.some((count) => (count as number) > 0));
});

for (const [name, before] of [
  ['that was opened before the first greenlet', ''],
  ['of a program that has had greenlets', 'await run(() => {});'],
]) {
  test(`a profile that is taken by an inspector session ${name} shows what greenlets run`, () =>
    withProgram('app.mjs', sessionProgram(before as string), (path) => {
      const { status, output } = runNode([path]);
      assert.equal(status, 0, output);
      assertShowsGreenlets(JSON.parse(output));
    }));
}

test('greenlets --cpu-prof names the file as told, and says what is wrong with its options', async () => {
  await withProgram('app.mjs', PROGRAM, (path) => {
    const name = '--cpu-prof-name=one.cpuprofile';
    assert.equal(runNode([COMMAND, '--cpu-prof', `--cpu-prof-dir=${dirname(path)}`, name, path]).status, 0);
    assert.ok(readdirSync(dirname(path)).includes('one.cpuprofile'));
  });
  assert.deepEqual(runNode([COMMAND, '--cpu-prof', '--cpu-prof-name']), {
    status: 2,
    output: 'greenlets: --cpu-prof-name needs a value\n',
  });
  assert.match(runNode([COMMAND, '--cpu-profile', 'app.mjs']).output, /unknown option --cpu-profile/);
});
