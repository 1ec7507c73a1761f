import { wait } from 'greenlets';
import { decodersFor } from './encodings.ts';

/**
 * A body as it was before the server packed it.
 *
 * @param encodings the header Content-Encoding.
 * @throws {RangeError} with code ERR_BUFFER_TOO_LARGE beyond `maxBytes`; what zlib throws for broken data.
 */
export function decompress(body: Buffer, encodings: string, maxBytes: number): Buffer {
  if (body.length === 0) return body;
  for (const decode of decodersFor(encodings)) body = wait(decode(body, { maxOutputLength: maxBytes }));
  return body;
}
