/**
 * What all copies of this package in one thread have in common. One tree may hold two of them, and a module registry
 * that is reset (Jest) loads one twice: two engines in one thread would corrupt each other, two hubs starve each
 * other. The first copy publishes its parts, further ones of the same version take them over.
 */
import { GreenletError } from '../errors.ts';
import { location } from '../location.ts';
import { loadNativeEngine, type NativeEngine } from '../native.ts';

const KEY = Symbol.for('greenlets.engine');

/** What the first copy has published. */
interface Published {
  readonly version: string;
  readonly abi: string;
  /** Folder of the package. */
  readonly path: string;
  readonly native: NativeEngine;
  readonly parts: Record<string, unknown>;
}

function publish(): Published {
  const abi = process.versions.modules;
  if (location === null) return { version: '', abi, path: '', native: loadNativeEngine(), parts: {} };
  const { version, directory: path } = location;
  const home = globalThis as { [KEY]?: Published };
  let published = home[KEY];
  if (published === undefined) {
    const native = loadNativeEngine();
    // Another realm of this thread, such as a test's `vm` context, may have loaded the same binary.
    published = (native.shared.published ??= { version, abi, path, native, parts: {} }) as Published;
    Object.defineProperty(home, KEY, { value: published, configurable: true });
  }
  if (published.version !== version || published.abi !== abi) {
    throw new GreenletError(
      `two copies of greenlets in one thread: version ${published.version} in ${published.path}, ` +
        `version ${version} in ${path}. They cannot work together: let both users have one (npm dedupe, overrides)`,
      'ERR_GREENLETS_DUPLICATE',
    );
  }
  return published;
}

const published = publish();

/** The addon, or what stands for it where it cannot run. */
export const native: NativeEngine = published.native;

/** The one object of this name in this thread: `make` is called by the first copy that asks. */
export function shared<T>(name: string, make: () => T): T {
  const { parts } = published;
  if (!(name in parts)) parts[name] = make();
  return parts[name] as T;
}
