/** The contract between the node's worker and the workers that check signatures. */

/** Checks many signatures; stateless. */
export interface VerifyApi {
  /** @param batch as `packMessages` of `node/ledger/signed-batch.ts` writes it @returns as `packVerdicts` writes it */
  check(batch: Uint8Array): Promise<Uint8Array>;
}
