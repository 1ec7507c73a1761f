/** What can be sent: text goes as UTF-8. */
export type Bytes = string | Uint8Array;

/** The same bytes as a Buffer, not copied. @throws {TypeError} for anything else. */
export function toBuffer(data: Bytes): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  assertBytes(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

export function assertBytes(data: unknown): asserts data is Bytes {
  if (typeof data === 'string' || data instanceof Uint8Array) return;
  throw new TypeError(`expected a string or a Uint8Array, got ${describe(data)}`);
}

/** A value as error messages show it: briefly, and never failing. */
export function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name ?? 'no class'}`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
