// GREENLETS_INSPECT=1 lets `greenlets ps|top|dump` look into the process.
import { shared } from '../engine/shared.ts';

async function begin(): Promise<void> {
  if (!process.getBuiltinModule('node:worker_threads').isMainThread) return;
  try {
    const { serveInspection } = await import('./inspection-server.ts');
    serveInspection();
  } catch (error) {
    process.emitWarning(error as Error);
  }
}

if (process.env.GREENLETS_INSPECT === '1') shared('inspection', begin);
