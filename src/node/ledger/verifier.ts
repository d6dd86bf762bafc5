/**
 * Decodes files and checks their signatures: a few at once here, many in other workers, the shards. WebCrypto works in the thread that calls
 * it, so only threads make it faster.
 */
import type { VerifyApi } from '../../api/verify.ts';
import { signedMessageOf } from '../../core/signature.ts';
import type { Clock } from '../../time/clock.ts';
import type { Verifier } from './accept.ts';
import { type Examined, examine, type SignatureCheck } from './examine.ts';
import { packBatch, unpackFindings } from './file-batch.ts';

/** Files that are worth starting shards for; fewer are checked here in a few milliseconds. */
const BULK = 64;
/** Files that one shard is given at a time: some eight milliseconds of work. */
const BATCH = 128;
/** Batches on the way to each shard, so that it has the next when it is done with one. */
const BATCHES_PER_SHARD = 2;
/** A slow phone whose browser has no ed25519 takes two seconds for what is on the way to a shard. */
const TIMEOUT_MS = 20_000;
/** After a failure: what made one fail, too little memory for instance, may be over then. */
const REST_MS = 60_000;

/** Workers that check files, started by the first batch. */
export interface Shards extends VerifyApi {
  /** How many there may be. */
  readonly size: number;
  /** Ends them, whatever they are doing; the next batch starts new ones. */
  end(): void;
}

interface Batch {
  readonly files: readonly Uint8Array[];
  readonly resolve: (examined: readonly Examined[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Hands out what there is to check, whoever asks. */
export class BulkVerifier {
  readonly #checkHere: SignatureCheck;
  readonly #clock: Clock;
  readonly #shards: Shards | undefined;
  readonly #waiting: Batch[] = [];
  /** Batches that shards are working on. */
  #under = 0;
  #isResting = false;

  /** What is asked of it. Files come back in the order in which they were given. */
  readonly verify: Verifier;

  /** @param shards absent where workers can't start workers */
  constructor(checkHere: SignatureCheck, clock: Clock, shards?: Shards) {
    this.#checkHere = checkHere;
    this.#clock = clock;
    this.#shards = shards;
    this.verify = Object.assign((file: Parameters<Verifier>[0]) => checkHere(signedMessageOf(file)), {
      examine: (files: readonly Uint8Array[]) => this.#examine(files),
    });
  }

  #examine(files: readonly Uint8Array[]): Promise<readonly Examined[]> | undefined {
    if (this.#shards === undefined || this.#isResting) return undefined;
    // Who is in the shards already is joined there, so that this thread stays free.
    if (files.length < BULK && this.#under === 0) return undefined;
    const batches: Promise<readonly Examined[]>[] = [];
    for (let from = 0; from < files.length; from += BATCH) {
      const some = files.slice(from, from + BATCH);
      batches.push(new Promise((resolve, reject) => this.#waiting.push({ files: some, resolve, reject })));
    }
    this.#handOut(this.#shards);
    return Promise.all(batches).then((examined) => examined.flat());
  }

  /** Gives batches to the shards that have room. */
  #handOut(shards: Shards): void {
    while (this.#under < shards.size * BATCHES_PER_SHARD) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      this.#under++;
      void this.#checkThere(shards, batch);
    }
  }

  async #checkThere(shards: Shards, batch: Batch): Promise<void> {
    try {
      const findings = await this.#inTime(shards.check(packBatch(batch.files)));
      batch.resolve(unpackFindings(findings, batch.files));
    } catch {
      // A worker that can't be loaded, has died or hangs: it is done without them for a while.
      this.#rest(shards);
      await this.#checkHereInstead(batch);
    }
    this.#under--;
    this.#handOut(shards);
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const takeBack = this.#clock.after(TIMEOUT_MS, () => reject(new Error('a shard does not answer')));
      answer.then(resolve, reject).finally(takeBack);
    });
  }

  #rest(shards: Shards): void {
    if (this.#isResting) return;
    this.#isResting = true;
    this.#clock.after(REST_MS, () => {
      this.#isResting = false;
    });
    shards.end();
    for (const batch of this.#waiting.splice(0)) void this.#checkHereInstead(batch);
  }

  async #checkHereInstead({ files, resolve, reject }: Batch): Promise<void> {
    try {
      const examined: Examined[] = [];
      for (const bytes of files) examined.push(await examine(bytes, this.#checkHere));
      resolve(examined);
    } catch (error) {
      reject(error);
    }
  }
}
