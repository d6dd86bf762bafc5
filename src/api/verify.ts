/** The contract between the node's worker and the workers that check files. */

/** Decodes many files and checks their signatures; stateless. */
export interface VerifyApi {
  /** @param batch as `packBatch` of `node/ledger/file-batch.ts` writes it @returns as `packFindings` writes it */
  check(batch: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}
