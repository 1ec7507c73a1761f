import { validateHeaderName, validateHeaderValue } from 'node:http';
import { describe } from '../bytes.ts';

/** Headers as they can be given: a Fetch `Headers`, pairs, or an object. */
export type HeadersLike =
  | Headers
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Headers by their names in lower case. */
export type HeaderRecord = Record<string, string | string[]>;

/** Checks headers, and puts them in one form. @throws {TypeError} for what cannot be sent. */
export function toHeaderRecord(headers: HeadersLike | undefined): HeaderRecord {
  if (headers === undefined) return {}; // V8 is slow with objects that have no prototype
  const record: HeaderRecord = Object.create(null) as HeaderRecord;
  if (typeof headers !== 'object' || headers === null)
    throw new TypeError(`expected headers, got ${describe(headers)}`);
  const pairs = isIterable(headers) ? headers : Object.entries(headers);
  for (const [name, value] of pairs) if (value !== undefined) add(record, name, value);
  return record;
}

function isIterable(headers: HeadersLike): headers is Iterable<readonly [string, string]> {
  return Symbol.iterator in headers;
}

function add(record: HeaderRecord, name: string, value: string | number | readonly string[]): void {
  validateHeaderName(name);
  const key = name.toLowerCase();
  for (const one of Array.isArray(value) ? value : [value]) {
    validateHeaderValue(name, String(one));
    const before = record[key];
    record[key] = before === undefined ? String(one) : [before, String(one)].flat();
  }
}
