import { spawnSync } from 'node:child_process';

/** Why a test that needs `tool` cannot run here; false if it can. */
export function whyMissing(tool: string): string | false {
  return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0 ? false : `${tool} is not installed`;
}
