/** A node's storage measured where it runs: commits of a whole economy, and opening what was committed. */
import { sha256 } from '@noble/hashes/sha2.js';
import * as Comlink from 'comlink';
import { addressOf } from '../../src/core/address.ts';
import { type Decision, decide, type Network, networkOf } from '../../src/core/decide.ts';
import { amount } from '../../src/core/id.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { publicKeyOf, signDraft } from '../../src/core/signature.ts';
import { type Draft, decodeTransaction, encodeTransaction } from '../../src/core/transaction.ts';
import { LoopbackHub } from '../../src/net/loopback.ts';
import { NetworkNode } from '../../src/node/network-node.ts';
import { createIdbStorage } from '../../src/storage/idb.ts';
import type { StoredTransaction } from '../../src/storage/store.ts';
import { systemClock } from '../../src/time/clock.ts';

/** What {@link OpenBench.open} found. Milliseconds from the first line of opening. */
export interface Opening {
  /** The balance is known and can be spent. */
  readonly balanceMs: number;
  /** A payment was made after that, and a double spend of the same coin refused. */
  readonly spentMs: number;
  readonly transactions: number;
  readonly conflicted: number;
  readonly supply: string;
  readonly coins: number;
  readonly spend: string;
  readonly doubleSpend: string;
}

export interface Filling {
  /** Spent in commits alone, the files decided before. */
  readonly commitMs: number;
  readonly transactions: number;
  readonly fileBytes: number;
  readonly entryBytes: number;
}

export interface OpenBench {
  /** Commits what the economy at `url` has, up to `most`, in batches; what was there before is deleted. */
  fill(url: string, batch: number, most: number): Promise<Filling>;
  open(): Promise<Opening>;
  /**
   * Commits the first `most` transactions of the economy at `url` and, as if they had been accepted, `bad` files that must never be: a liar's store.
   */
  plant(url: string, most: number, bad: number): Promise<Filling>;
}

const storage = createIdbStorage();
/** The founder of economy 1, who has made a tenth of its payments. */
const secretKey = sha256(new TextEncoder().encode('economy 1 0'));
/** Survives between workers, as the vault does. */
const GENESIS = 'genesis';

async function loadFiles(url: string): Promise<Uint8Array[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const packed = await response.arrayBuffer();
  const view = new DataView(packed);
  const files: Uint8Array[] = [];
  for (let at = 0; at < packed.byteLength; ) {
    const length = view.getUint32(at, true);
    files.push(new Uint8Array(packed, at + 4, length));
    at += 4 + length;
  }
  return files;
}

/** Signatures are not this bench's matter: only well-formed files that pay are taken. */
function decideAll(files: readonly Uint8Array[], most: number): { network: Network; added: StoredTransaction[] } {
  const network = networkOf(decodeTransaction(files[0] ?? new Uint8Array()));
  const ledger = new Ledger(network);
  const added: StoredTransaction[] = [];
  for (const bytes of files) {
    if (added.length === most) break;
    let decision: Decision;
    try {
      const file = decodeTransaction(bytes);
      decision = decide(file, 'valid', ledger);
      ledger.apply(file.txid, decision);
    } catch {
      continue;
    }
    if (decision.kind === 'accepted') added.push({ entry: decision.entry, winners: [], bytes, firstSeenMs: Date.now() });
    else if (decision.kind === 'conflicted')
      added.push({ entry: decision.entry, winners: decision.winners, bytes, firstSeenMs: Date.now() });
  }
  return { network, added };
}

/** A good file with its amount changed after signing, and an entry that says otherwise. */
function forge({ entry, bytes }: StoredTransaction, n: number): StoredTransaction {
  const text = new TextDecoder().decode(bytes).replace(/"tokens":\d+/, `"tokens":${n + 1}`);
  const forged = new TextEncoder().encode(text);
  const { txid, infohash } = decodeTransaction(forged);
  return { entry: { ...entry, txid, infohash }, winners: [], bytes: forged, firstSeenMs: Date.now() };
}

const fill = async (url: string, batch: number, most: number): Promise<Filling> => keep(decideAll(await loadFiles(url), most), batch);

async function plant(url: string, most: number, bad: number): Promise<Filling> {
  const { network, added } = decideAll(await loadFiles(url), most);
  return keep({ network, added: [...added, ...added.slice(-bad).map(forge)] }, most + bad);
}

async function keep({ network, added }: ReturnType<typeof decideAll>, batch: number): Promise<Filling> {
  const cache = await caches.open(GENESIS);
  await cache.put('/genesis', new Response(added[0]?.bytes.slice()));
  await storage.deleteStore(network.id);
  const store = await storage.openStore(network.id);
  await store.load(() => undefined);
  let commitMs = 0;
  for (let from = 0; from < added.length; from += batch) {
    const some = added.slice(from, from + batch);
    const before = performance.now();
    await store.commit({ added: some });
    commitMs += performance.now() - before;
  }
  const { fileBytes, entryBytes } = store.usage();
  await store.close();
  return { commitMs, transactions: added.length, fileBytes, entryBytes };
}

async function open(): Promise<Opening> {
  const kept = await (await caches.open(GENESIS)).match('/genesis');
  const genesis = new Uint8Array((await kept?.arrayBuffer()) ?? new ArrayBuffer(0));
  const network = networkOf(decodeTransaction(genesis));
  const key = publicKeyOf(secretKey);
  const owner = addressOf(key, network.parameters.hrp);
  const before = performance.now();
  const node = new NetworkNode({
    network,
    genesis,
    store: await storage.openStore(network.id),
    swarm: new LoopbackHub().createSwarm(),
    clock: systemClock,
    verify: async () => 'valid',
    owner,
    trackers: [],
    software: 'bench/1',
    isJoined: () => true,
    isDrawn: new Promise(() => undefined),
    changed: () => undefined,
    failed: (error) => console.error(error),
  });
  await node.start();
  const { balance } = node;
  const balanceMs = performance.now() - before;
  const coin = node.coins.reduce((best, one) => (one.amount > best.amount ? one : best));
  const draft = (time: number): Draft => ({ time, to: owner, tokens: amount(1), key, prev: [coin.locator], ref: [] });
  const signed = [1, 2].map((time) => encodeTransaction(signDraft(draft(time), 10 ** 15, secretKey)));
  const outcomes = [];
  for (const bytes of signed) outcomes.push(...(await node.acceptor.accept([bytes])));
  const spentMs = performance.now() - before;
  const { size, conflicted, supply } = node.ledger;
  await node.stop();
  const [spend, doubleSpend] = outcomes.map(({ kind }) => kind);
  return {
    balanceMs,
    spentMs,
    transactions: size,
    conflicted,
    supply: String(supply),
    coins: balance.coins,
    spend: spend ?? '',
    doubleSpend: doubleSpend ?? '',
  };
}

Comlink.expose({ fill, open, plant } satisfies OpenBench);
