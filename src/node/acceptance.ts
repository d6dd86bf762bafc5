/**
 * Accepting payments that a person pasted: find the file, fetch its ancestors, tell the truth at each step. What is not done
 * yet survives a reload.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Acceptance, AcceptanceStage } from '../api/node.ts';
import { isTtxError } from '../core/error.ts';
import { type Address, type Infohash, infohashOf, type Locator, locator, type TxId, txidFromBytes, txidOf } from '../core/id.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Magnet } from '../core/link.ts';
import type { Swarm } from '../net/swarm.ts';
import type { Store, Want } from '../storage/store.ts';
import type { Acceptor, Decided, Outcome } from './accept.ts';
import { type Clock, sleep } from './clock.ts';
import type { Exchange } from './exchange.ts';
import { noteOf } from './wallet.ts';
import { isDeleted, isStorageFault } from './watched-store.ts';

/** Connected peers answer within this; only then is the file's own swarm joined, which costs new connections. */
const PEERS_FIRST_MS = 300;
/** Ancestors fetched from their own swarms at a time: each costs a few connections. */
const MAX_HUNTS = 4;
/** An ancestor that nobody offered for this long is named as unseeded; it is still asked for. */
const UNSEEDED_AFTER_MS = 10_000;
/** How long a hunt that found nobody keeps its place when others wait. */
const HUNT_TURN_MS = 15_000;
/** How soon a payment that found no room on the disk is tried again. */
const DISK_RETRY_MS = 5_000;
/** How often an acceptance looks again without being told. */
const LOOK_AGAIN_MS = 1_000;

interface AcceptancesOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly exchange: Exchange;
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
  readonly acceptedBefore: number;
}

/** A file being fetched, for one or several acceptances. */
interface Hunt {
  readonly sinceMs: number;
  connected: number;
  readonly ended: AbortController;
}

/** Ends when the person dismisses it or the node stops; not a failure. */
const DISMISSED = 'dismissed';

/** All acceptances of the open network, newest first. */
export class Acceptances {
  readonly #options: AcceptancesOptions;
  readonly #running = new Map<string, Running>();
  readonly #hunts = new Map<TxId, Hunt>();
  /** Since when each ancestor has been looked for. */
  readonly #sinceMs = new Map<TxId, number>();
  readonly #waiting = new Set<() => void>();

  constructor(options: AcceptancesOptions) {
    this.#options = options;
  }

  list(): readonly Acceptance[] {
    return [...this.#running.values()]
      .map(({ want, stage }) => ({
        id: want.id,
        startedAtMs: want.startedAtMs,
        txid: want.txid,
        infohash: want.infohash,
        stage: this.#current(want, stage),
      }))
      .reverse();
  }

  /** Holders keep coming after a payment was accepted. */
  #current(want: Want, stage: AcceptanceStage): AcceptanceStage {
    if (stage.kind !== 'accepted' || want.txid === undefined) return stage;
    return { ...stage, holders: this.#options.exchange.holdersOf(want.txid).size };
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
    for (const hunt of this.#hunts.values()) hunt.ended.abort(DISMISSED);
  }

  /** Something was decided: acceptances that wait for it look again. */
  take(batch: readonly Decided[]): void {
    for (const { file } of batch) {
      this.#hunts.get(file.txid)?.ended.abort(DISMISSED);
      // What was looked for has come another way: in a file, from a peer that had news.
      for (const running of [...this.#running.values()]) {
        const { want, isDone } = running;
        if (isDone || want.bytes !== undefined || want.infohash !== file.infohash) continue;
        this.#end(running);
        this.#run({ ...want, bytes: file.bytes }, undefined);
      }
    }
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves when something was decided, or after a while, to say what nobody seeds. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.#waiting.delete(look);
        takeBack();
        resolve();
      };
      const takeBack = this.#options.clock.after(LOOK_AGAIN_MS, look);
      this.#waiting.add(look);
    });
  }

  #run(want: Want, network: Locator | undefined): void {
    const ended = new AbortController();
    const running: Running = { want, stage: { kind: 'looking' }, isDone: false, ended, acceptedBefore: this.#options.ledger.size };
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
    if (outcome?.kind === 'pending') {
      const { txid } = outcome.file;
      acceptor.pool.pin(txid);
      running.want = { ...running.want, txid, bytes };
      try {
        await store.commit({ wanted: [running.want] });
        await this.#fetchAncestors(running, outcome);
      } finally {
        acceptor.pool.unpin(txid);
      }
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
        const holders = this.#options.exchange.holdersOf(file.txid).size;
        return { kind: 'accepted', amount: entry.tokens, from: entry.sender, note: noteOf(file.transaction), already, holders };
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
    const { exchange, swarm, clock } = this.#options;
    const won = new AbortController();
    const either = AbortSignal.any([signal, won.signal]);
    const fromSwarm = async () => {
      if (txid !== undefined && exchange.readyPeers > 0) await sleep(clock, PEERS_FIRST_MS, either);
      return swarm.fetch(infohash, { trackers, signal: either, connected });
    };
    const attempts = [fromSwarm(), ...(txid === undefined ? [] : [exchange.seek(txid, either)])];
    try {
      return await Promise.race(attempts);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      won.abort(DISMISSED);
    }
  }

  /** Until nothing is missing: the ancestors that are missing now are hunted, and each that arrives may name more. */
  async #fetchAncestors(running: Running, outcome: Extract<Outcome, { kind: 'pending' }>): Promise<void> {
    const { acceptor, ledger } = this.#options;
    const { signal } = running.ended;
    while (acceptor.pool.find(outcome.file.txid) !== undefined) {
      signal.throwIfAborted();
      const missing = acceptor.missingAncestors(outcome.file);
      if (missing.length === 0) return;
      for (const ancestor of missing) this.#hunt(ancestor, running.want.trackers);
      const unseeded = missing.filter((ancestor) => this.#isUnseeded(txidOf(ancestor)));
      const checked = ledger.size - running.acceptedBefore;
      this.#show(running, { kind: 'ancestors', checked, waiting: missing.length, unseeded });
      await this.#pause();
    }
  }

  #isUnseeded(txid: TxId): boolean {
    const sinceMs = this.#sinceMs.get(txid);
    if (sinceMs === undefined || this.#options.clock.nowMs() - sinceMs < UNSEEDED_AFTER_MS) return false;
    return (this.#hunts.get(txid)?.connected ?? 0) === 0;
  }

  #hunt(ancestor: Locator, trackers: readonly string[]): void {
    const { clock, acceptor, failed } = this.#options;
    const txid = txidOf(ancestor);
    if (this.#hunts.has(txid)) return;
    if (this.#hunts.size >= MAX_HUNTS) return this.#makeRoom();
    const hunt: Hunt = { sinceMs: clock.nowMs(), connected: 0, ended: new AbortController() };
    this.#hunts.set(txid, hunt);
    if (!this.#sinceMs.has(txid)) this.#sinceMs.set(txid, hunt.sinceMs);
    const connected = (peers: number) => {
      hunt.connected = peers;
    };
    this.#fetch(infohashOf(ancestor), txid, trackers, hunt.ended.signal, connected)
      .then((bytes) => acceptor.accept([bytes]))
      .then(() => this.#sinceMs.delete(txid))
      .catch((error) => {
        if (error !== DISMISSED && !isTtxError(error, 'schema')) failed(error);
      })
      .finally(() => {
        this.#hunts.delete(txid);
        this.take([]);
      });
  }

  /** A hunt that found nobody for a while gives its place to the next ancestor; its own turn comes again. */
  #makeRoom(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const hunt of this.#hunts.values())
      if (hunt.connected === 0 && nowMs - hunt.sinceMs >= HUNT_TURN_MS) return hunt.ended.abort(DISMISSED);
  }
}

/** Whether an error only says that something was taken back. */
export const isDismissal = (error: unknown): boolean => error === DISMISSED || isTtxError(error, 'cancelled');
