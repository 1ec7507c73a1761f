/** The ways in which bodies may be packed. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

export const ACCEPT_ENCODING = 'gzip, deflate, br';

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const DECODERS: Record<string, Decoder> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** What unpacks a body, step by step. @param header Content-Encoding. */
export function decodersFor(header: string): Decoder[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const packed = names.filter((name) => name !== '' && name !== 'identity').reverse();
  return packed.map((name) => {
    const decoder = DECODERS[name];
    if (decoder === undefined) throw new Error(`content-encoding ${name} was not asked for`);
    return decoder;
  });
}
