/**
 * `node bench/cones.mjs [count…]`: how much of a network a light node has to fetch for one coin. Random unspent coins of the made-up economy:
 * their cones as a share of all transactions and of all bytes, and how many steps deep they are, each of which costs a round trip.
 */
import { readFile } from 'node:fs/promises';
import { decide, networkOf } from '../src/core/decide.ts';
import type { Entry } from '../src/core/entry.ts';
import type { TxId } from '../src/core/id.ts';
import { Ledger } from '../src/core/ledger.ts';
import { decodeTransaction } from '../src/core/transaction.ts';
import { seededRandom } from '../src/simulation/random.ts';
import { keepEconomy, unpackEconomy } from './economy-file.ts';

const SAMPLES = 200;

async function loadLedger(count: number): Promise<Ledger> {
  const { file } = await keepEconomy(count);
  const files = unpackEconomy(await readFile(file));
  const [genesis] = files;
  if (genesis === undefined) throw new Error('an empty economy');
  const ledger = new Ledger(networkOf(decodeTransaction(genesis)));
  for (const bytes of files) {
    try {
      const decoded = decodeTransaction(bytes);
      const decision = decide(decoded, 'valid', ledger);
      if (decision.kind === 'accepted') ledger.apply(decoded.txid, decision);
    } catch {
      // A hostile file.
    }
  }
  return ledger;
}

/** Steps from each transaction to the genesis by the longest way. */
function depthsOf(ledger: Ledger): ReadonlyMap<TxId, number> {
  const depths = new Map<TxId, number>();
  for (const { txid, prev } of ledger.accepted())
    depths.set(
      txid,
      prev.reduce((most, parent) => Math.max(most, (depths.get(parent) ?? 0) + 1), 0),
    );
  return depths;
}

const at = (sorted: readonly number[], share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

console.log('| transactions | cone: median | 10 … 90 of 100 coins | of the bytes, median | steps deep, median | one person: all coins |');
console.log('|---|---|---|---|---|---|');
for (const count of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000]) {
  const ledger = await loadLedger(count);
  const accepted = ledger.accepted();
  const allBytes = accepted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const unspent = accepted.flatMap((entry) => ledger.unspentCoins(entry));
  const depths = depthsOf(ledger);
  const random = seededRandom(7);
  const counts: number[] = [];
  const bytes: number[] = [];
  const steps: number[] = [];
  const wallets: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const coin = unspent[Math.floor(random() * unspent.length)];
    if (coin === undefined) break;
    const cone: readonly Entry[] = [...ledger.cone(coin.txid)];
    counts.push(cone.length / accepted.length);
    bytes.push(cone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / allBytes);
    steps.push(depths.get(coin.txid) ?? 0);
    if (n >= SAMPLES / 10) continue;
    const wallet = new Set<TxId>();
    for (const own of unspent) if (own.owner === coin.owner) for (const { txid } of ledger.cone(own.txid)) wallet.add(txid);
    wallets.push(wallet.size / accepted.length);
  }
  for (const list of [counts, bytes, steps, wallets]) list.sort((a, b) => a - b);
  console.log(
    `| ${accepted.length} | ${percent(at(counts, 0.5))} | ${percent(at(counts, 0.1))} … ${percent(at(counts, 0.9))} | ${percent(at(bytes, 0.5))} | ${at(steps, 0.5)} | ${percent(at(wallets, 0.5))} |`,
  );
}
