import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFileSync } from './builtins.ts';

/** Where this package is installed. */
export interface Location {
  /** Its folder, with a slash at the end. */
  readonly directory: string;
  readonly version: string;
}

/** Null if this file is not where the package has it: a bundler has moved its code elsewhere. */
function locate(): Location | null {
  try {
    const directory = fileURLToPath(new URL('../', import.meta.url)); // undefined in a bundle of CommonJS
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<string, unknown>;
    return manifest.name === 'greenlets' ? { directory, version: String(manifest.version) } : null;
  } catch {
    return null;
  }
}

/** This package; null if it has become a part of a bundle. */
export const location: Location | null = locate();
