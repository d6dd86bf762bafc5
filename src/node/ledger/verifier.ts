/**
 * Checks the signatures of transactions: a few at once here, many in other workers, the shards. WebCrypto works in the thread that calls it, so
 * only threads make it faster.
 */
import type { VerifyApi } from '../../api/verify.ts';
import type { SignatureVerdict, SignedMessage } from '../../core/ed25519.ts';
import { signedMessageOf } from '../../core/signature.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { Verifier } from './accept.ts';
import { packMessages, unpackVerdicts } from './signed-batch.ts';

/** Waiting signatures that are worth starting shards for; fewer are checked here in a few milliseconds. */
const BULK = 64;
/** Signatures that one shard is given at a time: some three milliseconds of work. */
const BATCH = 64;
/** Batches on the way to each shard, so that it has the next when it is done with one. */
const BATCHES_PER_SHARD = 2;

/** Workers that check signatures, started by the first batch. */
export interface Shards extends VerifyApi {
  /** How many there may be. */
  readonly size: number;
}

interface Waiting {
  readonly signed: SignedMessage;
  readonly resolve: (verdict: SignatureVerdict) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects what is asked in one go, whoever asks, and hands it out. */
export class BulkVerifier {
  readonly #checkHere: (signed: SignedMessage) => Promise<SignatureVerdict>;
  #shards: Shards | undefined;
  #waiting: Waiting[] = [];
  /** Batches that shards are working on. */
  #under = 0;
  #isFlushing = false;

  /** @param shards absent where workers can't start workers */
  constructor(checkHere: (signed: SignedMessage) => Promise<SignatureVerdict>, shards?: Shards) {
    this.#checkHere = checkHere;
    this.#shards = shards;
  }

  /** The verdict on one transaction. Ask for many without waiting in between. */
  readonly verify: Verifier = (file: TransactionFile) =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ signed: signedMessageOf(file), resolve, reject });
      // The shards begin while the caller is still decoding the rest.
      if (this.#waiting.length >= BULK) this.#handOut(BATCH);
      if (this.#isFlushing) return;
      this.#isFlushing = true;
      queueMicrotask(() => this.#flush());
    });

  /** The caller has asked for all that it has. */
  #flush(): void {
    this.#isFlushing = false;
    // Who is in the shards already is joined there, so that this thread stays free.
    if (this.#under > 0) this.#handOut(1);
    else void this.#checkAllHere(this.#waiting.splice(0));
  }

  /** Gives batches to the shards that have room, unless fewer than `least` wait. */
  #handOut(least: number): void {
    const shards = this.#shards;
    if (shards === undefined) return;
    while (this.#waiting.length >= least && this.#under < shards.size * BATCHES_PER_SHARD) {
      this.#under++;
      void this.#checkThere(shards, this.#waiting.splice(0, BATCH));
    }
  }

  async #checkThere(shards: Shards, batch: readonly Waiting[]): Promise<void> {
    try {
      const verdicts = unpackVerdicts(await shards.check(packMessages(batch.map(({ signed }) => signed))));
      for (const [n, { resolve, signed }] of batch.entries()) resolve(verdicts[n] ?? (await this.#checkHere(signed)));
    } catch {
      // A worker that can't be loaded, or has died: it is done without them.
      this.#shards = undefined;
      await this.#checkAllHere(batch);
    }
    this.#under--;
    if (this.#shards === undefined) await this.#checkAllHere(this.#waiting.splice(0));
    else this.#handOut(1);
  }

  async #checkAllHere(batch: readonly Waiting[]): Promise<void> {
    for (const { signed, resolve, reject } of batch) await this.#checkHere(signed).then(resolve, reject);
  }
}
