import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whether Node was started with `--import` or `--require` of the module at `url`, by its name in this package or its path. */
export function isPreloaded(url: string): boolean {
  const options = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  return options.some((option, index) => {
    const [, flag, value] = /^(--import|--require|-r)(?:=(.*))?$/.exec(option) ?? [];
    if (flag === undefined) return false;
    const wanted = value ?? options[index + 1] ?? '';
    return wanted === 'greenlets/monkey' || wanted === url || pathToFileURL(resolve(wanted)).href === url;
  });
}
