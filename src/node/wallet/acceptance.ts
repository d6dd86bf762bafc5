/**
 * Accepting payments that a person pasted: find the file, fetch its ancestors, tell the truth at each step. What is not done
 * yet survives a reload.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import type { Acceptance, AcceptanceStage, ActivityEntry, Witnesses } from '../../api/node.ts';
import { attachmentsOf } from '../../core/attachment.ts';
import type { Entry } from '../../core/entry.ts';
import { isTtxError } from '../../core/error.ts';
import { type Address, type Infohash, type Locator, locator, type TxId, txidFromBytes, txidOf } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Magnet } from '../../core/link.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { Swarm } from '../../net/swarm.ts';
import type { Store, Want } from '../../storage/store.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Acceptor, Decided, Outcome } from '../ledger/accept.ts';
import { isDeleted, isStorageFault } from '../ledger/watched-store.ts';
import type { Exchange } from '../peers/exchange.ts';
import type { Fetcher } from '../peers/fetcher.ts';
import type { Holders } from '../peers/holders.ts';
import { Hunts } from '../peers/hunts.ts';
import { DISMISSED } from './dismissal.ts';
import { noteOf } from './wallet.ts';

/** Connected peers answer within this; only then is the file's own swarm joined, which costs new connections. */
const PEERS_FIRST_MS = 300;
/** How soon a payment that found no room on the disk is tried again. */
const DISK_RETRY_MS = 5_000;
/** How soon an acceptance looks again without being told; later and later while nothing changes. */
const LOOK_AGAIN_MS = { first: 1_000, last: 10_000 } as const;
/** How long a history is kept in memory while ancestors are missing, and how long the payment then rests with its own file alone. */
const PINNED_MS = 600_000;
const REST_MS = 300_000;
/** Ancestors that an acceptance remembers to have waited for, to say how many have come. */
const MAX_AWAITED = 10_000;

interface AcceptancesOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly exchange: Exchange;
  readonly fetcher: Fetcher;
  readonly holders: Holders;
  /** What peers said of a payment's money, on a light node. */
  readonly witnessesOf: (txid: TxId) => Witnesses | undefined;
  /** What the history says of transactions. */
  readonly lines: () => (txid: TxId, note: string | undefined) => ActivityEntry | undefined;
  readonly swarm: Swarm;
  readonly store: Store;
  readonly clock: Clock;
  readonly owner: () => Address;
  /** Whether a network of this locator is joined on this device. */
  readonly isJoined: (network: Locator) => boolean;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

interface Running {
  want: Want;
  stage: AcceptanceStage;
  isDone: boolean;
  readonly ended: AbortController;
  /** Ancestors that were missing and are not decided yet. */
  readonly awaited: Set<TxId>;
  /** How many of them have been decided. */
  checked: number;
}

/** All acceptances of the open network, newest first. */
export class Acceptances {
  readonly #options: AcceptancesOptions;
  readonly #running = new Map<string, Running>();
  readonly #hunts: Hunts;
  readonly #waiting = new Set<() => void>();

  constructor(options: AcceptancesOptions) {
    this.#options = options;
    const { acceptor, fetcher, swarm, clock, exchange, failed } = options;
    this.#hunts = new Hunts({ acceptor, fetcher, swarm, clock, hasPeers: () => exchange.readyPeers > 0, found: () => this.look(), failed });
  }

  list(): readonly Acceptance[] {
    if (this.#running.size === 0) return [];
    const line = this.#options.lines();
    return [...this.#running.values()]
      .map(({ want, stage }) => ({
        id: want.id,
        startedAtMs: want.startedAtMs,
        txid: want.txid,
        infohash: want.infohash,
        stage: this.#current(want, stage, line),
      }))
      .reverse();
  }

  /** Holders and witnesses keep coming after a payment was accepted, and it may be taken back. */
  #current({ txid }: Want, stage: AcceptanceStage, line: ReturnType<AcceptancesOptions['lines']>): AcceptanceStage {
    if (stage.kind !== 'accepted' || txid === undefined) return stage;
    const { holders, witnessesOf } = this.#options;
    return { ...stage, holders: holders.of(txid).size, line: line(txid, stage.note), witnesses: witnessesOf(txid) };
  }

  /** Takes up what was not done when the app was closed. */
  async resume(): Promise<void> {
    for (const want of await this.#options.store.loadWants()) this.#run(want, undefined);
  }

  /** What is not done yet. */
  wants(): readonly Want[] {
    return [...this.#running.values()].filter(({ isDone }) => !isDone).map(({ want }) => want);
  }

  /** Starts accepting. The same payment twice is one acceptance. @returns its id */
  async start(id: string, magnet: Magnet): Promise<string> {
    const same = [...this.#running.values()].find((running) => running.want.infohash === magnet.infohash);
    if (same !== undefined) this.#end(same);
    // A second link may know what the first did not: who tracks it, what must arrive, the file itself.
    const before = same?.isDone === false ? same.want : undefined;
    const txid = magnet.txid ?? before?.txid;
    const bytes = magnet.file ?? before?.bytes;
    const want: Want = {
      id: before?.id ?? id,
      infohash: magnet.infohash,
      trackers: [...new Set([...magnet.trackers, ...(before?.trackers ?? [])])],
      startedAtMs: before?.startedAtMs ?? this.#options.clock.nowMs(),
      ...(txid === undefined ? {} : { txid }),
      ...(bytes === undefined ? {} : { bytes }),
    };
    await this.#options.store.commit({ wanted: [want] });
    this.#run(want, magnet.network);
    return want.id;
  }

  #end(running: Running): void {
    if (this.#running.get(running.want.id) === running) this.#running.delete(running.want.id);
    running.ended.abort(DISMISSED);
  }

  async dismiss(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) this.#end(running);
    this.#options.changed();
    await this.#options.store.commit({ unwanted: [id] });
  }

  stop(): void {
    for (const running of this.#running.values()) running.ended.abort(DISMISSED);
    this.#hunts.stop();
  }

  /** Something was decided: acceptances that wait for it look again. */
  take(batch: readonly Decided[]): void {
    for (const { file } of batch) {
      this.#hunts.take(file.txid);
      // What was looked for has come another way: in a file, from a peer that had news.
      for (const running of [...this.#running.values()]) {
        const { want, isDone } = running;
        if (running.awaited.delete(file.txid)) running.checked++;
        if (isDone || want.bytes !== undefined || want.infohash !== file.infohash) continue;
        this.#end(running);
        this.#run({ ...want, bytes: file.bytes }, undefined);
      }
    }
    this.look();
  }

  /** This node has gone over to another side: what had lost may count now. */
  switched(accepted: readonly Entry[]): void {
    for (const { txid } of accepted) {
      for (const running of this.#running.values())
        if (running.stage.kind === 'conflicted' && running.want.txid === txid) this.#returned(running).catch(this.#options.failed);
    }
  }

  async #returned(running: Running): Promise<void> {
    const { bytes } = running.want;
    const [outcome] = bytes === undefined ? [] : await this.#options.acceptor.accept([bytes]);
    if (outcome?.kind === 'accepted') this.#show(running, this.#verdict(running, { ...outcome, already: false }));
  }

  /** Something came that acceptances may wait for. */
  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves when something has come, or after a while, to ask again and to say what nobody seeds. */
  #pause(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.#waiting.delete(look);
        takeBack();
        signal.removeEventListener('abort', look);
        resolve();
      };
      const takeBack = this.#options.clock.after(durationMs, look);
      signal.addEventListener('abort', look, { once: true });
      this.#waiting.add(look);
    });
  }

  #run(want: Want, network: Locator | undefined): void {
    const ended = new AbortController();
    const running: Running = { want, stage: { kind: 'looking' }, isDone: false, ended, awaited: new Set(), checked: 0 };
    this.#running.set(want.id, running);
    this.#insist(running, network).catch((error) => {
      if (error === DISMISSED) return;
      // Whatever it is that the link names, it is no payment.
      if (isTtxError(error, 'schema')) this.#finish(running, { kind: 'rejected', code: 'schema' }).catch(this.#options.failed);
      else this.#options.failed(error);
    });
  }

  /** A full disk is no verdict: tries again until there is room. */
  async #insist(running: Running, network: Locator | undefined): Promise<void> {
    for (;;) {
      try {
        return await this.#accept(running, network);
      } catch (error) {
        if (!isStorageFault(error) || isDeleted(error)) throw error;
        this.#options.failed(error);
      }
      await sleep(this.#options.clock, DISK_RETRY_MS, running.ended.signal);
    }
  }

  #show(running: Running, stage: AcceptanceStage): void {
    running.stage = stage;
    this.#options.changed();
  }

  /** The whole walk: link → file → ancestors → verdict. */
  async #accept(running: Running, network: Locator | undefined): Promise<void> {
    const { ledger, acceptor, store, isJoined } = this.#options;
    const own = locator(ledger.network.infohash, ledger.network.id);
    if (network !== undefined && network !== own) {
      return this.#finish(running, { kind: 'other-network', network, joined: isJoined(network) });
    }
    const bytes = await this.#fetchFile(running);
    // Not fetched again if the disk is full.
    running.want = { ...running.want, bytes };
    if (running.want.txid !== undefined && txidFromBytes(sha256(bytes)) !== running.want.txid) {
      return this.#finish(running, { kind: 'rejected', code: 'locator' });
    }
    let [outcome] = await acceptor.accept([bytes]);
    while (outcome?.kind === 'pending') {
      const { file } = outcome;
      running.want = { ...running.want, txid: file.txid, bytes };
      await store.commit({ wanted: [running.want] });
      await this.#fetchAncestors(running, file);
      [outcome] = await acceptor.accept([bytes]);
    }
    if (outcome !== undefined) await this.#finish(running, this.#verdict(running, outcome));
  }

  async #finish(running: Running, stage: AcceptanceStage): Promise<void> {
    await this.#options.store.commit({ unwanted: [running.want.id] });
    running.isDone = true;
    this.#show(running, stage);
  }

  #verdict(running: Running, outcome: Outcome): AcceptanceStage {
    if (outcome.file !== undefined) running.want = { ...running.want, txid: outcome.file.txid };
    switch (outcome.kind) {
      case 'rejected':
        return this.#rejection(outcome);
      case 'conflicted':
        return { kind: 'conflicted', winners: outcome.winners };
      case 'pending':
        return { kind: 'ancestors', checked: 0, waiting: outcome.missing.length, unseeded: [] };
      case 'accepted': {
        const { entry, file, already } = outcome;
        if (entry.to !== this.#options.owner()) return { kind: 'not-for-you', amount: entry.tokens, to: entry.to };
        const holders = this.#options.holders.of(file.txid).size;
        const files = attachmentsOf(file.transaction).length;
        const accepted = {
          kind: 'accepted',
          amount: entry.tokens,
          from: entry.sender,
          note: noteOf(file.transaction),
          already,
          holders,
        } as const;
        return files === 0 ? accepted : { ...accepted, files };
      }
    }
  }

  #rejection({ file, code }: Extract<Outcome, { kind: 'rejected' }>): AcceptanceStage {
    if (code !== 'wrong-network' || file === undefined) return { kind: 'rejected', code };
    // A genesis says which network it is.
    const network = file.transaction.prev === null ? locator(file.infohash, file.txid) : undefined;
    return { kind: 'other-network', network, joined: network !== undefined && this.#options.isJoined(network) };
  }

  async #fetchFile(running: Running): Promise<Uint8Array> {
    const { want, ended } = running;
    if (want.bytes !== undefined) return want.bytes;
    const known = want.txid === undefined ? undefined : (await this.#options.store.loadFiles([want.txid])).get(want.txid);
    if (known !== undefined) return known;
    return this.#fetch(want.infohash, want.txid, want.trackers, ended.signal, (peers) =>
      this.#show(running, peers > 0 ? { kind: 'fetching', peers } : { kind: 'looking' }),
    );
  }

  /** Asks connected peers, then the file's own swarm as well; the first answer ends both. */
  async #fetch(
    infohash: Infohash,
    txid: TxId | undefined,
    trackers: readonly string[],
    signal: AbortSignal,
    connected: (peers: number) => void,
  ): Promise<Uint8Array> {
    const { exchange, fetcher, swarm, clock } = this.#options;
    const won = new AbortController();
    const either = AbortSignal.any([signal, won.signal]);
    const fromSwarm = async () => {
      if (txid !== undefined && exchange.readyPeers > 0) await sleep(clock, PEERS_FIRST_MS, either);
      return swarm.fetch(infohash, { trackers, signal: either, connected });
    };
    const attempts = [fromSwarm(), ...(txid === undefined ? [] : [fetcher.seek(txid, either)])];
    try {
      return await Promise.race(attempts);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      won.abort(DISMISSED);
    }
  }

  /**
   * Until nothing is missing: what is missing now is sought, and each ancestor that arrives may name more. A history that does not come
   * together is not kept in memory for ever: the payment rests with its own file, until one of its ancestors is decided or for a while.
   */
  async #fetchAncestors(running: Running, file: TransactionFile): Promise<void> {
    const { acceptor, clock } = this.#options;
    const { signal } = running.ended;
    const { id } = running.want;
    const untilMs = clock.nowMs() + PINNED_MS;
    let pauseMs: number = LOOK_AGAIN_MS.first;
    let before = '';
    acceptor.pool.pin(file.txid);
    try {
      while (acceptor.pool.find(file.txid) !== undefined && clock.nowMs() < untilMs) {
        const missing = acceptor.missingAncestors(file);
        if (missing.length === 0) return;
        this.#seek(running, missing);
        const now = `${missing.length} ${running.checked} ${missing[0]}`;
        pauseMs = now === before ? Math.min(2 * pauseMs, LOOK_AGAIN_MS.last) : LOOK_AGAIN_MS.first;
        before = now;
        await this.#pause(pauseMs, signal);
        signal.throwIfAborted();
      }
    } finally {
      acceptor.pool.unpin(file.txid);
      this.#hunts.end(id);
    }
    if (clock.nowMs() < untilMs) return;
    const { checked } = running;
    const wakeAtMs = clock.nowMs() + REST_MS;
    while (running.checked === checked && clock.nowMs() < wakeAtMs) {
      await this.#pause(wakeAtMs - clock.nowMs(), signal);
      signal.throwIfAborted();
    }
  }

  #seek(running: Running, missing: readonly Locator[]): void {
    const { want, awaited } = running;
    for (const ancestor of missing) if (awaited.size < MAX_AWAITED) awaited.add(txidOf(ancestor));
    this.#hunts.seek(want.id, missing, want.trackers);
    const unseeded = missing.filter((ancestor) => this.#hunts.isUnseeded(want.id, txidOf(ancestor)));
    this.#show(running, { kind: 'ancestors', checked: running.checked, waiting: missing.length, unseeded });
  }
}
