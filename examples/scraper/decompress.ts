/** Bodies as servers send them, unpacked. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { toSync } from 'greenlets';

export const ACCEPT_ENCODING = 'gzip, deflate, br';

const DECODERS: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Buffer> = {
  gzip: toSync(promisify(gunzip)),
  'x-gzip': toSync(promisify(gunzip)),
  deflate: toSync(promisify(inflate)),
  br: toSync(promisify(brotliDecompress)),
};

/**
 * @param encodings the header Content-Encoding.
 * @throws {RangeError} with code ERR_BUFFER_TOO_LARGE beyond `maxBytes`; what zlib throws for broken data.
 */
export function decompress(body: Buffer, encodings: string, maxBytes: number): Buffer {
  for (const name of encodings.toLowerCase().split(',').reverse()) {
    const encoding = name.trim();
    if (encoding === '' || encoding === 'identity' || body.length === 0) continue;
    const decode = DECODERS[encoding];
    if (decode === undefined) throw new Error(`content-encoding ${encoding} was not asked for`);
    body = decode(body, { maxOutputLength: maxBytes });
  }
  return body;
}
