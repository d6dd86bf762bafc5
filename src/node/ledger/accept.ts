/**
 * Where bytes become history: decode → check the signature → decide → commit → report. Everything that reaches the ledger,
 * from a peer, a link, the disk or this wallet, comes through here.
 */
import { type Decision, decide } from '../../core/decide.ts';
import type { SignatureVerdict } from '../../core/ed25519.ts';
import type { Entry } from '../../core/entry.ts';
import type { RejectCode } from '../../core/error.ts';
import { type Locator, type TxId, txidOf } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { Store, StoredTransaction } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import { Serial } from '../../time/serial.ts';
import { type CheckedFile, type Examined, tryToDecode } from './examine.ts';
import { Orphans, Pool } from './pool.ts';

/** Checks a signature; asynchronous, because fast verifiers are. */
export interface Verifier {
  (file: TransactionFile): Promise<SignatureVerdict>;
  /** Decodes files and checks their signatures on other threads; undefined where there are none, or the files too few. */
  examine?(files: readonly Uint8Array[]): Promise<readonly Examined[]> | undefined;
}

/** What became of one file. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly file: TransactionFile; readonly entry: Entry; readonly already: boolean }
  /** `missing`: the parents that are neither decided nor waiting here, to be fetched next. */
  | { readonly kind: 'pending'; readonly file: TransactionFile; readonly missing: readonly Locator[] }
  | { readonly kind: 'conflicted'; readonly file: TransactionFile; readonly winners: readonly TxId[] }
  /** `file` is absent when the bytes were not even well-formed. */
  | { readonly kind: 'rejected'; readonly file: TransactionFile | undefined; readonly code: RejectCode };

/** A newly decided transaction, after its commit. */
export interface Decided {
  readonly file: TransactionFile;
  readonly decision: Exclude<Decision, { kind: 'pending' }>;
  readonly firstSeenMs: number;
}

interface AcceptorOptions {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly verify: Verifier;
  /** Told of everything decided, parents before children, after it is on disk. */
  readonly decided: (batch: readonly Decided[]) => void;
}

/** Where files come from. */
export interface Origin {
  /** Id of the peer that brought them: orphans among them are charged to it. */
  readonly peer?: string;
  /** SHA-256 of each file, where it is known already. */
  readonly txids?: readonly TxId[];
  /** Job whose payment the last file is: remembered in the same commit if it is accepted. */
  readonly job?: string;
  /** Many peers say that they follow this side of a conflict: it is kept beside many rivals. */
  readonly isFollowed?: boolean;
  /** Signed here a moment ago: if its coin is gone, it is forgotten before anybody sees that its owner signed twice. */
  readonly isOwn?: boolean;
}

/** Files that were given in one call, until they are decided. */
interface Arrival {
  readonly checking: Promise<readonly Examined[]>;
  /** Undefined while signatures are being checked. */
  checked: readonly Examined[] | undefined;
  readonly origin: Origin;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Most files decided in one go: for a few hundredths of a second nothing else is done. */
const MAX_TOGETHER = 2_048;

/** The one door to the ledger. */
export class Acceptor {
  readonly pool = new Pool();
  readonly #options: AcceptorOptions;
  readonly #serial = new Serial();
  readonly #arrivals: Arrival[] = [];

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /**
   * Takes files from anywhere, in any order. Resolves when all that could be decided is on disk; then `decided` has been called.
   * Files given before are harmless.
   * @returns what became of each, in the order given
   * @throws {TtxError} `storage-full`, `storage-lost`: then nothing of the batch counts
   */
  accept(files: readonly Uint8Array[], origin: Origin = {}): Promise<readonly Outcome[]> {
    const checking = this.#options.verify.examine?.(files) ?? Promise.all(files.map((bytes, n) => this.#check(bytes, origin.txids?.[n])));
    return new Promise((resolve, reject) => {
      const arrival: Arrival = { checking, checked: undefined, origin, resolve, reject };
      checking.then(
        (checked) => {
          arrival.checked = checked;
        },
        () => undefined,
      );
      this.#arrivals.push(arrival);
      void this.#serial.run(() => this.#decideNext());
    });
  }

  /**
   * Decides on what came first, whichever signatures were checked first: parents come before their children. What came after it and has been
   * checked meanwhile goes with it: writing is slow, and one commit takes no longer than another.
   */
  async #decideNext(): Promise<void> {
    const first = this.#arrivals.shift();
    // It went with an earlier one.
    if (first === undefined) return;
    const together = [first];
    try {
      let count = (await first.checking).length;
      for (let next = this.#arrivals[0]; next?.checked !== undefined; next = this.#arrivals[0]) {
        count += next.checked.length;
        // A payment of our own has a commit of its own.
        if (count > MAX_TOGETHER || first.origin.job !== undefined || next.origin.job !== undefined) break;
        this.#arrivals.shift();
        together.push(next);
      }
      await this.#decide(together);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }

  /** Runs `task` while nothing is being decided. */
  quiet<T>(task: () => Promise<T>): Promise<T> {
    return this.#serial.run(task);
  }

  /** Resolves when everything given so far is decided and on disk. */
  idle(): Promise<void> {
    return this.#serial.idle();
  }

  async #check(bytes: Uint8Array, txid: TxId | undefined): Promise<Examined> {
    const file = tryToDecode(bytes, txid);
    if ('code' in file) return file;
    // A known signature is not checked again: the bytes, and so the txid, are the same.
    if (this.#options.ledger.find(file.txid) !== undefined) return { file, verdict: 'valid' };
    return this.pool.find(file.txid) ?? { file, verdict: await this.#options.verify(file) };
  }

  async #decide(arrivals: readonly Arrival[]): Promise<void> {
    const { ledger, store, clock, decided } = this.#options;
    const job = arrivals[0]?.origin.job;
    const origins = new Map<TxId, Origin>();
    const draft = new Ledger(ledger.network, ledger);
    const batch: Decided[] = [];
    // Apart from the pool until the commit: nothing of a batch counts before.
    const waiting = new Orphans();
    const firstSeenMs = clock.nowMs();

    // A worklist: whatever is decided may free its waiting children, however long the chain.
    const decideWithChildren = (first: CheckedFile): void => {
      const worklist = [first];
      for (let next = worklist.pop(); next !== undefined; next = worklist.pop()) {
        const { file, verdict } = next;
        if (draft.find(file.txid) !== undefined || draft.isRejected(file.txid)) continue;
        const decision = decide(file, verdict, draft);
        if (decision.kind === 'pending') {
          waiting.add(next);
          continue;
        }
        batch.push({ file, decision, firstSeenMs });
        if (!isWorthKeeping(decision, draft, origins.get(file.txid))) continue;
        draft.apply(file.txid, decision);
        for (const children of [this.pool.childrenOf(file.txid), waiting.childrenOf(file.txid)])
          for (const child of children) worklist.push(child);
      }
    };
    for (const { checked = [], origin } of arrivals) {
      for (const item of checked) {
        if (!('file' in item)) continue;
        origins.set(item.file.txid, origin);
        decideWithChildren(item);
      }
    }

    const added = batch.flatMap(({ file, decision }): StoredTransaction[] =>
      decision.kind === 'rejected' || draft.find(file.txid) === undefined
        ? []
        : [{ entry: decision.entry, winners: decision.kind === 'conflicted' ? decision.winners : [], firstSeenMs, bytes: file.bytes }],
    );
    const payment = job === undefined ? undefined : added.at(-1);
    const paid = payment?.winners.length === 0 && job !== undefined ? [{ job, txid: payment.entry.txid }] : [];
    if (added.length > 0) await store.commit({ added, paid });
    ledger.absorb(draft);
    for (const { file } of batch) this.pool.delete(file.txid);
    for (const orphan of waiting.all()) {
      if (ledger.find(orphan.file.txid) === undefined && !ledger.isRejected(orphan.file.txid))
        this.pool.add(orphan, origins.get(orphan.file.txid)?.peer);
    }
    if (batch.length > 0) decided(batch);
    const fresh = new Map(batch.map((item) => [item.file.txid, item.decision]));
    for (const { checked = [], resolve } of arrivals) resolve(checked.map((item) => this.#outcome(item, fresh)));
  }

  #outcome(item: Examined, fresh: ReadonlyMap<TxId, Decided['decision']>): Outcome {
    if (!('file' in item)) return { kind: 'rejected', file: undefined, code: item.code };
    const { ledger } = this.#options;
    const { file } = item;
    const decision = fresh.get(file.txid);
    if (decision?.kind === 'rejected') return { kind: 'rejected', file, code: decision.code };
    if (decision?.kind === 'conflicted') return { kind: 'conflicted', file, winners: decision.winners };
    const entry = ledger.find(file.txid);
    const winners = ledger.findWinners(file.txid);
    if (winners !== undefined) return { kind: 'conflicted', file, winners };
    if (entry !== undefined) return { kind: 'accepted', file, entry, already: decision === undefined };
    if (ledger.isRejected(file.txid)) return { kind: 'rejected', file, code: this.#codeAgain(item) };
    return { kind: 'pending', file, missing: this.#missingParents(file) };
  }

  /** Rejected before, and only the fact was kept: the same checks name the code again. */
  #codeAgain({ file, verdict }: CheckedFile): RejectCode {
    const decision = decide(file, verdict, this.#options.ledger);
    return decision.kind === 'rejected' ? decision.code : 'parent-rejected';
  }

  #missingParents(file: TransactionFile): readonly Locator[] {
    const isMissing = (txid: TxId) => this.#options.ledger.find(txid) === undefined && this.pool.find(txid) === undefined;
    return (file.transaction.prev ?? []).filter((parent) => isMissing(txidOf(parent)));
  }

  /** The ancestors of an orphan that are neither decided nor waiting here, however deep they lie. */
  missingAncestors(file: TransactionFile): readonly Locator[] {
    const missing = new Map<TxId, Locator>();
    const seen = new Set<TxId>();
    const worklist = [...(file.transaction.prev ?? [])];
    for (let next = worklist.pop(); next !== undefined; next = worklist.pop()) {
      const txid = txidOf(next);
      if (seen.has(txid) || this.#options.ledger.find(txid) !== undefined) continue;
      seen.add(txid);
      const orphan = this.pool.find(txid);
      if (orphan === undefined) missing.set(txid, next);
      else worklist.push(...(orphan.file.transaction.prev ?? []));
    }
    return [...missing.values()];
  }
}

/** Rivals kept for one coin: one proves that its owner signed twice, but each of several may be what most of the peers hold. */
const MAX_RIVALS = 8;
/** Beyond those, each that is smaller than all before: by chance there are never so many, and who makes them one by one gets no more. */
const MAX_SMALLER_RIVALS = 56;
/** Beyond those, each that peers follow: whoever fills all other places cannot keep out what the others hold. */
const MAX_FOLLOWED_RIVALS = 64;
/** Conflicted transactions in all, before what builds on them is kept no more: it costs nothing to write. */
const MAX_CONFLICTED = 4_096;

/**
 * Signing rivals is free, so most are told to be conflicted and forgotten. Nobody can use up what there is for the rivals of others: each coin
 * has room of its own. And whoever gives each node other rivals parts them no longer than the smallest txid, to which contests lean, needs to
 * get around: of n rivals that come by chance, about ln n are smaller than all before.
 */
function isWorthKeeping(decision: Decision, ledger: Ledger, { isFollowed = false, isOwn = false }: Origin = {}): boolean {
  if (decision.kind !== 'conflicted') return true;
  if (isOwn) return false;
  const { txid, prev, sender } = decision.entry;
  // A coin that nobody else spends has no rivals: it would make room for any number of them.
  const disputed = prev.filter((parent) => !ledger.isAccepted(parent) || ledger.findSpender(parent, sender) !== undefined);
  // One that spends several coins counts for each of them: the room of one is no way into the places of another.
  if (!isFollowed && prev.some((parent) => ledger.rivalsOf(parent, sender) >= MAX_SMALLER_RIVALS)) return false;
  const hasRoom = disputed.some((parent) => ledger.rivalsOf(parent, sender) < MAX_RIVALS);
  if (!prev.every((parent) => ledger.isAccepted(parent))) return hasRoom && ledger.conflicted < MAX_CONFLICTED;
  const isNotable = (parent: TxId) =>
    isFollowed ? ledger.rivalsOf(parent, sender) < MAX_FOLLOWED_RIVALS : txid < (ledger.leastRivalOf(parent, sender) ?? txid);
  return hasRoom || disputed.some(isNotable);
}
