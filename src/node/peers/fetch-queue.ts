/**
 * The fetch queue: which transaction is asked of which peer next. Pure data, no clock.
 *
 * A peer is asked for what it holds, in this order: what somebody here waits for, what another peer did not deliver, what most peers
 * announced, and last the ancestors of strangers' orphans, which come by themselves while a longer list is being fetched. Among equals
 * the one announced first comes first: peers announce in their order of acceptance, so parents come before children.
 *
 * Each peer has lanes of its own, so that none delays another's. A file that moves to another lane leaves its old place behind,
 * to be skipped when its turn comes: no step looks at more than it takes away.
 */
import type { TxId } from '../../core/id.ts';

/** Announced by one peer and not fetched yet: a page of a list and much news fit, a liar's endless list does not. A dozen peers cost some 60 MB. */
export const MAX_ANNOUNCED = 20_000;
/** Ancestors of the orphans that one peer brought; more are sought when these are here. */
const MAX_CHASED = 4_096;
/** Files that somebody here waits for; more are sought when these are here. */
const MAX_URGENT = 1_024;

/** Lanes by what is in them, the last one first served. */
const CHASED = 0;
const ANNOUNCED = 1;
/** Lanes of what 1, 2, 4, 8 peers or more announced: in powers of two, so that a file moves seldom. */
const MOST_SEEN = 4;
const AGAIN = 5;
const URGENT = 6;

/** A file that is wanted. */
interface Item {
  readonly txid: TxId;
  lane: number;
  /** Peers that may be asked for it: those that announced it, or on the off chance. */
  readonly holders: PeerQueue[];
  /** Peers that announced it. */
  seen: number;
  /** Whom it has been asked of and who may still answer; nobody else is asked meanwhile. */
  askedOf: PeerQueue | undefined;
  /** Somebody here waits for it: it stays when nobody has it. */
  isUrgent: boolean;
  /** An ancestor that nobody announced, and whose orphan it belongs to. */
  chasedFor: PeerQueue | undefined;
  /** Peers that did not deliver it, of an urgent one. */
  failed: Set<string> | undefined;
  isDone: boolean;
}

/** First in, first out; what was taken is given back in large pieces. */
class Lane {
  #items: Item[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#first++;
    if (this.#first > 1_024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Drops what is not to stay. */
  sweep(stays: (item: Item) => boolean): void {
    this.#items = [...new Set(this.#items.slice(this.#first))].filter(stays);
    this.#first = 0;
  }
}

interface PeerQueue {
  readonly id: string;
  readonly lanes: readonly Lane[];
  /** What it may be asked for; true if it announced it. */
  readonly items: Map<Item, boolean>;
  announced: number;
  chased: number;
  /** Asked of it, and of others since: it may still answer, and is not asked twice. */
  readonly overdue: Set<Item>;
  /** Places in all lanes, those left behind included. */
  places: number;
}

/** What is wanted of the peers of one network. */
export class FetchQueue {
  readonly #items = new Map<TxId, Item>();
  readonly #peers = new Map<string, PeerQueue>();
  readonly #urgent = new Set<Item>();

  /** Files wanted. */
  get size(): number {
    return this.#items.size;
  }

  has(txid: TxId): boolean {
    return this.#items.has(txid);
  }

  /** Peers that announced a file that is wanted. */
  announcers(txid: TxId): readonly string[] {
    const item = this.#items.get(txid);
    return item === undefined ? [] : item.holders.filter((peer) => peer.items.get(item)).map((peer) => peer.id);
  }

  hasAnnounced(peerId: string, txid: TxId): boolean {
    const item = this.#items.get(txid);
    return item !== undefined && this.#peers.get(peerId)?.items.get(item) === true;
  }

  /** How many files a peer announced that are not fetched yet. */
  announcedBy(peerId: string): number {
    return this.#peers.get(peerId)?.announced ?? 0;
  }

  /** A peer that can be asked. What is urgent is asked of it too. */
  join(peerId: string): void {
    const lanes = Array.from({ length: URGENT + 1 }, () => new Lane());
    const peer: PeerQueue = { id: peerId, lanes, items: new Map(), announced: 0, chased: 0, overdue: new Set(), places: 0 };
    this.#peers.set(peerId, peer);
    for (const item of this.#urgent) this.#offer(item, peer, false);
  }

  leave(peerId: string): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    this.#peers.delete(peerId);
    for (const item of [...peer.items.keys()]) this.#withdraw(item, peer);
  }

  /** A peer says that it holds this file. @returns whether there was room for it */
  announce(peerId: string, txid: TxId): boolean {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return false;
    const known = this.#items.get(txid);
    if (known !== undefined && peer.items.get(known) === true) return true;
    if (peer.announced >= MAX_ANNOUNCED) return false;
    const item = known ?? this.#create(txid, ANNOUNCED);
    this.#offer(item, peer, true);
    this.#unchase(item);
    this.#raise(item, Math.min(MOST_SEEN, ANNOUNCED + Math.floor(Math.log2(item.seen))));
    return true;
  }

  /** An ancestor of an orphan that `peerId` brought: `holders` hold the orphan, and so its history. */
  chase(peerId: string, holders: Iterable<string>, txid: TxId): void {
    const peer = this.#peers.get(peerId);
    const known = this.#items.get(txid);
    if (peer === undefined || (known === undefined && peer.chased >= MAX_CHASED)) return;
    const item = known ?? this.#create(txid, CHASED);
    if (known === undefined) {
      item.chasedFor = peer;
      peer.chased++;
    }
    this.#offer(item, peer, false);
    for (const id of holders) {
      const holder = this.#peers.get(id);
      if (holder !== undefined) this.#offer(item, holder, false);
    }
  }

  /**
   * Somebody waits for this file: it is asked of those that should have it, and when they fail of everybody else, until
   * {@link finish} or {@link relax}. Called again, those that failed are asked again.
   */
  urge(txid: TxId): void {
    const known = this.#items.get(txid);
    if (known?.isUrgent !== true && this.#urgent.size >= MAX_URGENT) return;
    const item = known ?? this.#create(txid, URGENT);
    item.isUrgent = true;
    this.#urgent.add(item);
    this.#raise(item, URGENT);
    item.failed = undefined;
    if (item.holders.length === 0) this.#widen(item);
  }

  /** Nobody waits for it any more. */
  relax(txid: TxId): void {
    const item = this.#items.get(txid);
    if (item === undefined || !item.isUrgent) return;
    item.isUrgent = false;
    this.#urgent.delete(item);
    if (item.seen === 0) this.#drop(item);
  }

  /** The next files to be asked of a peer, which from now on are asked of it alone. */
  take(peerId: string, count: number): TxId[] {
    const peer = this.#peers.get(peerId);
    const txids: TxId[] = [];
    if (peer === undefined) return txids;
    for (let lane = URGENT; lane >= CHASED && txids.length < count; lane--) this.#takeFrom(peer, lane, count, txids);
    return txids;
  }

  #takeFrom(peer: PeerQueue, lane: number, count: number, txids: TxId[]): void {
    const queue = peer.lanes[lane];
    while (txids.length < count) {
      const item = queue?.shift();
      if (item === undefined) return;
      peer.places--;
      if (!isInPlace(item, peer, lane)) continue;
      item.askedOf = peer;
      txids.push(item.txid);
    }
  }

  /** A peer takes long with a file: others that hold it may be asked as well. */
  share(peerId: string, txid: TxId): void {
    const item = this.#items.get(txid);
    if (item === undefined || item.askedOf?.id !== peerId) return;
    item.askedOf.overdue.add(item);
    item.askedOf = undefined;
    if (item.isUrgent) this.#widen(item);
    this.#repeat(item);
  }

  /** A peer did not deliver a file and is not asked for it again, until it announces it once more. */
  fail(peerId: string, txid: TxId): void {
    const item = this.#items.get(txid);
    const peer = this.#peers.get(peerId);
    if (item === undefined || peer === undefined) return;
    if (item.isUrgent) item.failed = new Set(item.failed).add(peerId);
    this.#withdraw(item, peer);
  }

  /** The file was here and could not be kept: it is asked for again. */
  repeat(txid: TxId): void {
    const item = this.#items.get(txid);
    if (item === undefined) return;
    item.askedOf = undefined;
    this.#repeat(item);
  }

  /** The file is here. */
  finish(txid: TxId): void {
    const item = this.#items.get(txid);
    if (item !== undefined) this.#drop(item);
  }

  #create(txid: TxId, lane: number): Item {
    const item: Item = {
      txid,
      lane,
      holders: [],
      seen: 0,
      askedOf: undefined,
      isUrgent: false,
      chasedFor: undefined,
      failed: undefined,
      isDone: false,
    };
    this.#items.set(txid, item);
    return item;
  }

  /** Offers an urgent file to everybody who has not failed. */
  #widen(item: Item): void {
    for (const peer of this.#peers.values()) if (item.failed?.has(peer.id) !== true) this.#offer(item, peer, false);
  }

  #offer(item: Item, peer: PeerQueue, isAnnounced: boolean): void {
    const before = peer.items.get(item);
    if (before === true || before === isAnnounced) return;
    peer.items.set(item, isAnnounced);
    if (isAnnounced) {
      peer.announced++;
      item.seen++;
    }
    if (before !== undefined) return;
    item.holders.push(peer);
    this.#place(item, peer);
  }

  #withdraw(item: Item, peer: PeerQueue): void {
    const isAnnounced = peer.items.get(item);
    if (isAnnounced === undefined) return;
    peer.items.delete(item);
    peer.overdue.delete(item);
    item.holders.splice(item.holders.indexOf(peer), 1);
    if (isAnnounced) {
      peer.announced--;
      item.seen--;
    }
    if (item.isUrgent && item.holders.length === 0) this.#widen(item);
    else if (item.holders.length === 0) return this.#drop(item);
    if (item.askedOf !== peer) return;
    item.askedOf = undefined;
    this.#repeat(item);
  }

  #drop(item: Item): void {
    item.isDone = true;
    this.#items.delete(item.txid);
    this.#urgent.delete(item);
    this.#unchase(item);
    for (const peer of item.holders) {
      if (peer.items.get(item) === true) peer.announced--;
      peer.items.delete(item);
      peer.overdue.delete(item);
    }
  }

  #unchase(item: Item): void {
    if (item.chasedFor !== undefined) item.chasedFor.chased--;
    item.chasedFor = undefined;
  }

  #raise(item: Item, lane: number): void {
    if (lane <= item.lane) return;
    item.lane = lane;
    for (const peer of item.holders) this.#place(item, peer);
  }

  /** Its places were used up when it was asked for: it gets new ones. */
  #repeat(item: Item): void {
    item.lane = Math.max(item.lane, AGAIN);
    for (const peer of item.holders) this.#place(item, peer);
  }

  #place(item: Item, peer: PeerQueue): void {
    peer.lanes[item.lane]?.push(item);
    peer.places++;
    if (peer.places < 4 * peer.items.size + 1_024) return;
    // Places left behind outnumber the others: they are cleared away, and doubles with them.
    for (const [lane, queue] of peer.lanes.entries()) queue.sweep((waiting) => isInPlace(waiting, peer, lane));
    peer.places = peer.lanes.reduce((places, lane) => places + lane.length, 0);
  }
}

/** Whether an item may be asked of a peer when its turn comes in this lane: it may have moved, be done, or be asked for already. */
const isInPlace = (item: Item, peer: PeerQueue, lane: number): boolean =>
  !item.isDone && item.lane === lane && item.askedOf === undefined && peer.items.has(item) && !peer.overdue.has(item);
