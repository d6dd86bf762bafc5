/**
 * Evidence: the two files of a double spend in one JSON file that can be kept, sent and checked by anybody, with this app or without.
 * `files` are the exact texts that were signed. docs/consensus.md
 */
import { type DoubleSpend, decodeDoubleSpend } from './double-spend.ts';
import { isTtxError, TtxError } from './error.ts';
import { MAX_FILE_BYTES } from './limit.ts';

const KIND = 'torrenttx-double-spend';
/** Both files with every byte escaped, and the rest. */
const MAX_BYTES = 2 * 6 * MAX_FILE_BYTES + 1_024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The evidence file of a double spend. */
export function encodeEvidence({ files }: DoubleSpend): Uint8Array<ArrayBuffer> {
  const texts = files.map(({ bytes }) => utf8.decode(bytes));
  return new TextEncoder().encode(`${JSON.stringify({ kind: KIND, version: 1, files: texts }, undefined, 2)}\n`);
}

/**
 * Reads an evidence file. Whether the signatures are right is checked apart.
 * @throws {TtxError} `evidence` when it is none, or its two files do not conflict
 */
export function decodeEvidence(bytes: Uint8Array): DoubleSpend {
  if (bytes.length > MAX_BYTES) throw new TtxError('evidence', { sizeBytes: bytes.length });
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    const { kind, version, files } = Object(value) as { readonly kind?: unknown; readonly version?: unknown; readonly files?: unknown };
    if (kind === KIND && version === 1 && Array.isArray(files) && files.length === 2) {
      const [one, other]: readonly unknown[] = files;
      const encoder = new TextEncoder();
      if (typeof one === 'string' && typeof other === 'string') return decodeDoubleSpend([encoder.encode(one), encoder.encode(other)]);
    }
  } catch (error) {
    throw new TtxError('evidence', { what: isTtxError(error) ? error.code : 'not readable' });
  }
  throw new TtxError('evidence', { what: 'not readable' });
}
