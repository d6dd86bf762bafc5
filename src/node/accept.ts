/**
 * Where bytes become history: decode → check the signature → decide → commit → report. Everything that reaches the ledger,
 * from a peer, a link, the disk or this wallet, comes through here.
 */
import { type Decision, decide } from '../core/decide.ts';
import type { Entry } from '../core/entry.ts';
import { isTtxError, type RejectCode, type TtxError } from '../core/error.ts';
import { type Locator, type TxId, txidOf } from '../core/id.ts';
import { Ledger } from '../core/ledger.ts';
import type { SignatureVerdict } from '../core/signature.ts';
import { decodeTransaction, type Transaction, type TransactionFile } from '../core/transaction.ts';
import type { Store, StoredTransaction } from '../storage/store.ts';
import type { Clock } from './clock.ts';
import { type CheckedFile, Pool } from './pool.ts';
import { Serial } from './serial.ts';

/** Checks a signature; asynchronous, because fast verifiers are. */
export type Verifier = (transaction: Transaction) => Promise<SignatureVerdict>;

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

/** The one door to the ledger. */
export class Acceptor {
  readonly pool = new Pool();
  readonly #options: AcceptorOptions;
  readonly #serial = new Serial();

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /**
   * Takes files from anywhere, in any order. Resolves when all that could be decided is on disk; then `decided` has been called.
   * Files given before are harmless.
   * @param paidBy job whose payment the last file is: remembered in the same commit if it is accepted
   * @returns what became of each, in the order given
   * @throws {TtxError} `storage-full`, `storage-lost`: then nothing of the batch counts
   */
  async accept(files: readonly Uint8Array[], paidBy?: string): Promise<readonly Outcome[]> {
    const checked: (CheckedFile | TtxError)[] = [];
    for (const bytes of files) checked.push(await this.#check(bytes));
    return this.#serial.run(() => this.#decide(checked, paidBy));
  }

  /** Runs `task` while nothing is being decided. */
  quiet<T>(task: () => Promise<T>): Promise<T> {
    return this.#serial.run(task);
  }

  /** Resolves when everything given so far is decided and on disk. */
  idle(): Promise<void> {
    return this.#serial.idle();
  }

  async #check(bytes: Uint8Array): Promise<CheckedFile | TtxError> {
    let file: TransactionFile;
    try {
      file = decodeTransaction(bytes);
    } catch (error) {
      if (isTtxError(error)) return error;
      throw error;
    }
    // A known signature is not checked again: the bytes, and so the txid, are the same.
    if (this.#options.ledger.find(file.txid) !== undefined) return { file, verdict: 'valid' };
    return this.pool.find(file.txid) ?? { file, verdict: await this.#options.verify(file.transaction) };
  }

  async #decide(checked: readonly (CheckedFile | TtxError)[], paidBy: string | undefined): Promise<readonly Outcome[]> {
    const { ledger, store, clock, decided } = this.#options;
    const draft = new Ledger(ledger.network, ledger);
    const batch: Decided[] = [];
    // Apart from the pool until the commit: nothing of a batch counts before.
    const waiting = new Pool();
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
        if (!isWorthKeeping(decision, draft)) continue;
        draft.apply(file.txid, decision);
        for (const children of [this.pool.childrenOf(file.txid), waiting.childrenOf(file.txid)])
          for (const child of children) worklist.push(child);
      }
    };
    for (const item of checked) if ('file' in item) decideWithChildren(item);

    const added = batch.flatMap(({ file, decision }): StoredTransaction[] =>
      decision.kind === 'rejected' || draft.find(file.txid) === undefined
        ? []
        : [{ txid: file.txid, bytes: file.bytes, verdict: decision.kind, firstSeenMs }],
    );
    const payment = paidBy === undefined ? undefined : added.at(-1);
    const paid = payment?.verdict === 'accepted' && paidBy !== undefined ? [{ job: paidBy, txid: payment.txid }] : [];
    if (added.length > 0) await store.commit({ added, paid });
    ledger.absorb(draft);
    for (const { file } of batch) this.pool.delete(file.txid);
    for (const orphan of waiting.all()) {
      if (ledger.find(orphan.file.txid) === undefined && !ledger.isRejected(orphan.file.txid)) this.pool.add(orphan);
    }
    if (batch.length > 0) decided(batch);
    const fresh = new Map(batch.map((item) => [item.file.txid, item.decision]));
    return checked.map((item) => this.#outcome(item, fresh));
  }

  #outcome(item: CheckedFile | TtxError, fresh: ReadonlyMap<TxId, Decided['decision']>): Outcome {
    if (!('file' in item)) return { kind: 'rejected', file: undefined, code: item.code as RejectCode };
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

/** Rivals kept for one coin: one proves that its owner signed twice, more prove nothing new. */
const MAX_RIVALS = 1;
/** Conflicted transactions kept in all: whoever has one coin can sign any number of rivals and of transactions that build on them. */
const MAX_CONFLICTED = 4_096;

/** Signing rivals is free, so most are told to be conflicted and forgotten. */
function isWorthKeeping(decision: Decision, ledger: Ledger): boolean {
  if (decision.kind !== 'conflicted') return true;
  const { prev, sender } = decision.entry;
  return ledger.conflicted < MAX_CONFLICTED && prev.some((parent) => ledger.rivalsOf(parent, sender) < MAX_RIVALS);
}
