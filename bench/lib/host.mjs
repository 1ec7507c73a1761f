/** What was measured on, and against whom: figures mean little without. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { bench } from './paths.mjs';
import { python, whyAbsent } from './sides.mjs';

/** The machine in words. */
export function machine() {
  const [{ model }] = os.cpus();
  const memory = Math.round(os.totalmem() / 1024 ** 3);
  return `${model}, ${os.cpus().length} cores, ${memory} GB, ${os.type()} ${os.release().split('-', 1)[0]}`;
}

/** Versions of the rivals that are here, as `{name: version}`. */
export function rivalVersions() {
  const versions = {};
  if (whyAbsent('python') === undefined) Object.assign(versions, pythonVersions());
  if (whyAbsent('goroutines') === undefined) versions.Go = /go([\d.]+)/.exec(output('go', ['version']))[1];
  const { dependencies } = JSON.parse(readFileSync(join(bench, 'package.json'), 'utf8'));
  return { ...versions, ...dependencies };
}

function pythonVersions() {
  const program =
    'import json, platform, gevent, greenlet; print(json.dumps({"Python": platform.python_version(), '.concat(
      '"gevent": gevent.__version__, "greenlet": greenlet.__version__}))',
    );
  return JSON.parse(output(python, ['-c', program]));
}

function output(file, args) {
  return execFileSync(file, args, { encoding: 'utf8' });
}
