import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 5_000;

async function call() {
  await undefined;
}

async function withTimeout(ms, fn) {
  const { promise, reject } = withResolvers();
  const timer = setTimeout(() => reject(new Error('timeout')), ms);
  try {
    return await Promise.race([fn(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  let reject;
  const promise = new Promise((_, rejecting) => (reject = rejecting));
  return { promise, reject };
}

await measureAsync(CALLS, async () => {
  for (let i = 0; i < CALLS; i++) await withTimeout(1_000, call);
});
