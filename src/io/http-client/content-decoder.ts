import { pipeline, type Transform } from 'node:stream';
import zlib from 'node:zlib';

// As browsers do, bodies are taken that lack the last bytes of their encoding; whether a body is whole is told by HTTP.
const LENIENT = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const LENIENT_BROTLI = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};
/** So many encodings on top of each other are taken at most. */
const MOST_ENCODINGS = 5;

type MakeDecoder = (firstByte: number) => Transform;

const DECODERS: Record<string, MakeDecoder> & { zstd?: MakeDecoder } = {
  gzip: () => zlib.createGunzip(LENIENT),
  'x-gzip': () => zlib.createGunzip(LENIENT),
  // Some servers send the zlib format, which is the standard; others raw deflate.
  deflate: (first) => ((first & 0x0f) === 8 ? zlib.createInflate(LENIENT) : zlib.createInflateRaw(LENIENT)),
  br: () => zlib.createBrotliDecompress(LENIENT_BROTLI),
};
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
if (createZstdDecompress !== undefined) DECODERS.zstd = () => createZstdDecompress();

/** What a request tells that it can decode. */
export const ACCEPT_ENCODING: string = ['gzip', 'deflate', 'br', 'zstd'].filter((name) => name in DECODERS).join(', ');

/** Who hears of what a decoder does. */
export interface DecoderListener {
  /** There is room for more input again. */
  onDrain(): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** Decodes a body by its `content-encoding`, piece by piece, with back-pressure on both sides. */
export class ContentDecoder {
  readonly #makers: MakeDecoder[];
  readonly #listener: DecoderListener;
  #input: Transform | null = null;
  #output: Transform | null = null;

  /** Null if nothing is encoded, or in a way that is not known. */
  static for(contentEncoding: string, listener: DecoderListener): ContentDecoder | null {
    const names = contentEncoding
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '' && name !== 'identity');
    const makers = names.map((name) => DECODERS[name]).filter((maker) => maker !== undefined);
    if (names.length === 0 || makers.length < names.length || names.length > MOST_ENCODINGS) return null;
    return new ContentDecoder(makers.reverse(), listener);
  }

  private constructor(makers: MakeDecoder[], listener: DecoderListener) {
    this.#makers = makers;
    this.#listener = listener;
  }

  /** False if `onDrain` should be waited for before more is written. */
  write(chunk: Buffer): boolean {
    this.#input ??= this.#open(chunk[0] ?? 0);
    return this.#input.write(chunk);
  }

  /** The input is complete. A body without a single byte has nothing to decode. */
  end(): void {
    if (this.#input === null) this.#listener.onEnd();
    else this.#input.end();
  }

  pause(): void {
    this.#output?.pause();
  }
  resume(): void {
    this.#output?.resume();
  }
  destroy(): void {
    this.#input?.destroy();
    this.#output?.destroy();
  }

  #open(firstByte: number): Transform {
    const { onData, onDrain, onEnd, onError } = this.#listener;
    const chain = this.#makers.map((make) => make(firstByte)) as [Transform, ...Transform[]];
    const input = chain[0];
    const output = chain[chain.length - 1] as Transform;
    if (chain.length > 1) pipeline(chain, (error) => error && onError(error));
    else output.on('error', onError);
    input.on('drain', onDrain);
    output.on('data', onData);
    output.on('end', onEnd);
    this.#output = output;
    return input;
  }
}
