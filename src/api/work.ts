/** The contract between the node's worker and the workers that search for work. */

/** Searches a slice of nonces; stateless, so that stopping is just not asking for the next slice. */
export interface WorkApi {
  /** Tries `count` nonces from `from`; `core` has 32 bytes. @returns the first that reaches `bits`, or undefined */
  search(core: Uint8Array, bits: number, from: number, count: number): Promise<number | undefined>;
}
