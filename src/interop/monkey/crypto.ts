/** The synchronous calls of `node:crypto`; they suspend for libuv's threads. */
import crypto from 'node:crypto';
import { type AnyFunction, byCallback, byCallbackAsGiven, suspendFor } from './suspend.ts';

/**
 * Random bytes up to so many come in microseconds, and those who fill a pool with them (uuid, nanoid) count on nobody
 * taking from it meanwhile.
 */
const FEW_BYTES = 65_536;

/** Calls whose counterpart takes the same arguments, so many, and a callback. */
const ARITY: Record<string, number> = { argon2: 2, generateKey: 2, hkdf: 5, pbkdf2: 5, scrypt: 4 };

/** What replaces the functions of `node:crypto`. */
export function suspendingCrypto(): Record<string, AnyFunction> {
  const node = { ...crypto } as unknown as Record<string, AnyFunction | undefined>;
  const table: Record<string, AnyFunction> = {
    generateKeyPairSync(type, options) {
      const start: AnyFunction = (callback) => node.generateKeyPair?.(type, options, callback);
      const [publicKey, privateKey] = suspendFor(start);
      return { publicKey, privateKey };
    },
    randomFillSync(...args) {
      const [buffer] = args as [{ byteLength?: number } | undefined];
      const few = !((buffer?.byteLength ?? 0) > FEW_BYTES);
      return (few ? node.randomFillSync : randomFill)?.(...args);
    },
  };
  const randomFill = byCallbackAsGiven(crypto.randomFill as AnyFunction, 3);
  for (const [name, arity] of Object.entries(ARITY)) {
    const counterpart = node[name];
    if (counterpart !== undefined) table[`${name}Sync`] = byCallback(counterpart, arity);
  }
  for (const name of ['checkPrime', 'generatePrime']) {
    table[`${name}Sync`] = byCallbackAsGiven(node[name] as AnyFunction, 2);
  }
  return table;
}
