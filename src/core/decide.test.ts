import { describe, expect, test } from 'vitest';
import { type Decision, decide, networkOf } from './decide.ts';
import type { Entry } from './entry.ts';
import { Ledger } from './ledger.ts';
import { checkSignature } from './signature.ts';
import { decodeTransaction } from './transaction.ts';
import vectors from './vectors/decide.json' with { type: 'json' };

const utf8 = new TextEncoder();
const decode = (text: string) => decodeTransaction(utf8.encode(text));

/** A decision as the vectors write it. */
function written(decision: Decision): object {
  if (decision.kind === 'rejected') return { kind: 'rejected', code: decision.code };
  if (decision.kind === 'pending') return { kind: 'pending', missing: decision.missing };
  const { burn, reward, charge, change, trail } = decision.entry;
  const amounts = { burn: String(burn), reward: String(reward), charge: String(charge), change: String(change), trail };
  return { kind: decision.kind, ...amounts, ...(decision.kind === 'conflicted' ? { winners: decision.winners } : {}) };
}

function unspent(ledger: Ledger): { coin: string; amount: string }[] {
  return [...ledger.accepted()].flatMap((entry: Entry) =>
    ledger.unspentCoins(entry).map((coin) => ({ coin: coin.id, amount: String(coin.amount) })),
  );
}

describe('scenarios', () => {
  test.each(vectors.scenarios.map((s) => [s.name, s] as const))('%s', (_, scenario) => {
    const ledger = new Ledger(networkOf(decode(scenario.genesis)));
    for (const { text, txid, ...expected } of scenario.steps) {
      const file = decode(text);
      expect(file.txid).toBe(txid);
      const decision = decide(file, checkSignature(file.transaction), ledger);
      expect(written(decision)).toEqual(expected);
      ledger.apply(file.txid, decision);
    }
    const byCoin = (a: { coin: string }, b: { coin: string }) => (a.coin < b.coin ? -1 : 1);
    expect(unspent(ledger).sort(byCoin)).toEqual([...scenario.coins].sort(byCoin));
    expect(String(ledger.supply)).toBe(scenario.supply);
  });
});
