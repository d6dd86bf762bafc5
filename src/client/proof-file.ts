/** Proof files: reading one that somebody chose or dropped, and saving one. */
import { TtxError } from '../core/error.ts';
import { MAX_PROOF_FILE_BYTES } from '../core/limit.ts';

/** Type of a `.torrent`, for the system's file chooser and for saving. */
export const PROOF_FILE_TYPE = 'application/x-bittorrent';

/** Type of evidence of a double spend. */
export const EVIDENCE_FILE_TYPE = 'application/json';

/**
 * The bytes of a chosen file. A film dropped by mistake is refused before it is read.
 * @throws {TtxError} `proof-file`
 */
export async function readProofFile(file: Blob): Promise<Uint8Array> {
  if (file.size > MAX_PROOF_FILE_BYTES) throw new TtxError('proof-file', { sizeBytes: file.size });
  return new Uint8Array(await file.arrayBuffer());
}

/** Saves a file under its name, where the browser puts downloads. */
export function saveFile(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // The download has its own hold on the bytes only after this task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
