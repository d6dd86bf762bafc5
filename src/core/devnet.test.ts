import { expect, test } from 'vitest';
import { addressOf } from './address.ts';
import { decide } from './decide.ts';
import { branchKey, claimTestCoins, devnet } from './devnet.ts';
import { DEVNET, devnetGenesis } from './devnet-genesis.ts';
import { coinAmount } from './entry.ts';
import { amount, locator } from './id.ts';
import { Ledger } from './ledger.ts';
import { checkSignature, publicKeyOf, signDraft } from './signature.ts';
import { decodeTransaction, encodeTransaction } from './transaction.ts';

const address = (name: string) => addressOf(publicKeyOf(branchKey(`somebody ${name}1`)), devnet().parameters.hrp);

function openLedger(): Ledger {
  const ledger = new Ledger(devnet());
  accept(ledger, devnetGenesis());
  return ledger;
}

function accept(ledger: Ledger, bytes: Uint8Array) {
  const file = decodeTransaction(bytes);
  const decision = decide(file, checkSignature(file.transaction), ledger);
  ledger.apply(file.txid, decision);
  return { file, decision };
}

test('the genesis is a valid one, and what is written down of it is true', () => {
  const { infohash, txid } = decodeTransaction(devnetGenesis());
  expect(DEVNET).toEqual({ id: devnet().id, locator: locator(infohash, txid), hrp: devnet().parameters.hrp });
  expect(openLedger().size).toBe(1);
});

test('an address gets coins worth having, by transactions that everybody accepts', () => {
  const ledger = openLedger();
  const files = claimTestCoins(address('a'), 0, ledger);
  expect(files).toHaveLength(25);
  const results = files.map((file) => accept(ledger, file));
  expect(new Set(results.map(({ decision }) => decision.kind))).toEqual(new Set(['accepted']));
  const last = ledger.find(results.at(-1)?.file.txid as never);
  expect(last && coinAmount(last, address('a'))).toBeGreaterThan(500_000_000n);
});

test('nodes that know nothing of each other make the same transactions for the branches they share', () => {
  const [here, there] = [openLedger(), openLedger()];
  const claims = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => claimTestCoins(address(name), 0, here));
  const acceptNew = (ledger: Ledger, file: Uint8Array) => ledger.find(decodeTransaction(file).txid) ?? accept(ledger, file);
  for (const files of [...claims].reverse()) for (const file of files) acceptNew(there, file);
  for (const files of claims) for (const file of files) acceptNew(here, file);
  const txids = (ledger: Ledger) => [...ledger.accepted()].map((entry) => entry.txid).sort();
  expect(txids(here)).toEqual(txids(there));
  expect([...here.entries()].length).toBe(here.size);
  expect(here.size).toBeLessThan(1 + 8 * 25);
});

test('claiming again finds nothing left to do', () => {
  const ledger = openLedger();
  for (const file of claimTestCoins(address('a'), 0, ledger)) accept(ledger, file);
  expect(claimTestCoins(address('a'), 0, ledger)).toEqual([]);
});

test('says when somebody has spent a coin on the way otherwise', () => {
  const ledger = openLedger();
  const secretKey = branchKey('');
  const key = publicKeyOf(secretKey);
  const prev = [locator(devnet().infohash, devnet().id)];
  const spoiler = signDraft({ time: 1, to: address('x'), tokens: amount(1), key, prev, ref: [] }, 1_000_000_000_000_000, secretKey);
  expect(accept(ledger, encodeTransaction(spoiler)).decision.kind).toBe('accepted');
  expect(() => claimTestCoins(address('a'), 0, ledger)).toThrow(expect.objectContaining({ code: 'leaf-taken' }));
});
