/**
 * Attachments (`modules.attachment`): files that a transaction names and does not carry. Each is a torrent of its own, fetched
 * only when a person asks. What the module says is a stranger's word: never a condition of validity. docs/protocol.md, Attachments.
 */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { TtxError } from './error.ts';
import { type Infohash, isInfohash } from './id.ts';
import type { Json, JsonObject } from './json.ts';
import { MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from './limit.ts';
import { infohashOfDictionary } from './torrent.ts';
import type { Transaction } from './transaction.ts';

/** One attached file, as its sender describes it. */
export interface Attachment {
  readonly infohash: Infohash;
  /** SHA-256 of the content, hex: SHA-1 alone can be forged. */
  readonly sha256: string;
  /** For people, and for saving: 1 … 128 characters, none that hides, turns or leads out of a folder. */
  readonly name: string;
  /** 1 … {@link MAX_ATTACHMENT_BYTES}. */
  readonly size: number;
  /** Media type, e.g. `image/png`. A claim: nothing is run or rendered because of it alone. */
  readonly type: string;
}

/** Bytes of one piece; all attachments have pieces of this length, so that equal files are equal torrents. */
export const PIECE_BYTES = 65_536;
const SHA256 = /^[0-9a-f]{64}$/;
const TYPE = /^[a-z0-9][a-z0-9.+-]{0,62}\/[a-z0-9][a-z0-9.+-]{0,62}$/;
/** Controls, path separators, what Windows forbids in names, and characters that reorder or hide text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}/\\:*?"<>|]/u;

/** Whether a file may be saved, and shown, under this name. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && [...value].length <= 128 && !UNSAFE.test(value) && !/^[\s.]|[\s.]$/u.test(value);

function readAttachment(value: Json): Attachment | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { infohash, sha256, name, size, type } = value as JsonObject;
  if (!isInfohash(infohash) || typeof sha256 !== 'string' || !SHA256.test(sha256) || !isName(name)) return undefined;
  if (typeof size !== 'number' || size < 1 || size > MAX_ATTACHMENT_BYTES || typeof type !== 'string' || !TYPE.test(type)) return undefined;
  return { infohash, sha256, name, size, type };
}

/** The attachments of a transaction that can be fetched; what is described wrongly is left out. */
export function attachmentsOf(transaction: Pick<Transaction, 'modules'>): readonly Attachment[] {
  const module = transaction.modules?.attachment;
  const files = typeof module === 'object' ? module.files : undefined;
  if (!Array.isArray(files)) return [];
  return files.slice(0, MAX_ATTACHMENTS).flatMap((file: Json) => readAttachment(file) ?? []);
}

/** `modules.attachment` that names these files. */
export const attachmentModule = (files: readonly Attachment[]): JsonObject => ({ files: files.map((file) => ({ ...file })) });

/** What a file's content is known by. */
export interface ContentHashes {
  /** Length of the content in bytes. */
  readonly size: number;
  /** SHA-256 of the content, hex. */
  readonly sha256: string;
  /** SHA-1 of each piece of {@link PIECE_BYTES}, one behind the other, 20 bytes each. */
  readonly pieces: Uint8Array;
}

/** A file of this device that can be attached, with the info dictionary of its torrent. */
export interface DescribedFile {
  readonly attachment: Attachment;
  readonly info: Uint8Array;
}

/**
 * Describes a file of this device so that it can be attached. An unsafe name is made safe.
 * @throws {TtxError} `attachment` when the file is empty or too large
 */
export function describeAttachment({ size, sha256, pieces }: ContentHashes, name: string, type: string): DescribedFile {
  if (size < 1 || size > MAX_ATTACHMENT_BYTES) throw new TtxError('attachment', { bytes: size });
  const safe = safeName(name);
  const info = attachmentInfo({ name: safe, size }, pieces);
  const known = TYPE.test(type) ? type : 'application/octet-stream';
  return { info, attachment: { infohash: infohashOfDictionary(info), sha256, name: safe, size, type: known } };
}

function safeName(name: string): string {
  const cleaned = [...name]
    .map((character) => (UNSAFE.test(character) ? '_' : character))
    .join('')
    .replace(/^[\s.]+|[\s.]+$/gu, '');
  const short = [...cleaned]
    .slice(-128)
    .join('')
    .replace(/^[\s.]+/u, '');
  return isName(short) ? short : 'file';
}

/** What its torrent says of a file. */
export type NamedSize = Pick<Attachment, 'name' | 'size'>;

/** Everything of the info dictionary (BEP 3) in front of the hashes of the pieces. */
function infoHead({ name, size }: NamedSize): Uint8Array {
  const nameBytes = utf8ToBytes(name);
  return concatBytes(
    utf8ToBytes(`d6:lengthi${size}e4:name${nameBytes.length}:`),
    nameBytes,
    utf8ToBytes(`12:piece lengthi${PIECE_BYTES}e6:pieces${piecesBytes(size)}:`),
  );
}

const piecesBytes = (size: number): number => 20 * Math.ceil(size / PIECE_BYTES);

/** The info dictionary (BEP 3) of an attachment's torrent: one file, pieces of 64 KiB. */
export const attachmentInfo = (file: NamedSize, pieces: Uint8Array): Uint8Array => concatBytes(infoHead(file), pieces, utf8ToBytes('e'));

/** Length in bytes of the info dictionary of such a file: another length is another torrent. */
export const attachmentInfoBytes = (file: NamedSize): number => infoHead(file).length + piecesBytes(file.size) + 1;

/** Whether an info dictionary that came from a peer is that of such a file. */
export function isAttachmentInfo(info: Uint8Array, file: NamedSize): boolean {
  const head = infoHead(file);
  return info.length === attachmentInfoBytes(file) && head.every((byte, at) => info[at] === byte) && info.at(-1) === 0x65;
}
