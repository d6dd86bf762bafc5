import { expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { LightNews } from './light-news.ts';

const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')];
const { file: genesis, network } = makeGenesis(alice);
const toBob = makePayment(alice, [genesis], bob.address, 5_000_000n, 2);
const toCarol = makePayment(alice, [genesis], carol.address, 5_000_000n, 3);

function open() {
  const clock = new VirtualClock();
  const unused = () => expect.unreachable();
  /** What the fetcher is after. */
  const wanted = new Set<TxId>();
  const news = new LightNews({
    ledger: new Ledger(network),
    acceptor: { accept: unused, missingAncestors: unused, pool: unused as never },
    fetcher: () => ({ urge: unused, relax: unused, wants: (txid) => wanted.has(txid) }),
    clock,
    owner: () => bob.address,
    isLight: () => true,
    failed: unused,
  });
  return { clock, news, wanted };
}

test('news that one peer invents leave what others announce as it was, during the flood and after it', async () => {
  const { clock, news } = open();
  const [flooding, honest] = [new ScriptedPeer('flooding'), new ScriptedPeer('honest')];
  let invented = 0;
  let looks = 0;
  const junk = () => Array.from({ length: 1_000 }, () => (invented++).toString(16).padStart(64, '0') as TxId);
  for (let second = 0; second < 60; second++) {
    looks += news.choose(flooding, [...junk(), toBob.txid]).length;
    await clock.advance(1_000);
  }
  expect(looks).toBeLessThan(1_700);
  expect(news.choose(honest, [toBob.txid])).toEqual([toBob.txid]);
});

test('while a file is on its way others that have it may be asked too; once it was passed over, copies of it are as well', () => {
  const { news, wanted } = open();
  const [first, second, third] = ['first', 'second', 'third'].map((id) => new ScriptedPeer(id)) as [
    ScriptedPeer,
    ScriptedPeer,
    ScriptedPeer,
  ];
  const { txid, bytes } = toCarol;
  expect(news.choose(first, [txid])).toEqual([txid]);
  wanted.add(txid);
  expect(news.choose(second, [txid])).toEqual([txid]);
  expect(news.keeps(txid, bytes)).toBe(false);
  wanted.delete(txid);
  expect(news.keeps(txid, bytes)).toBe(false);
  expect(news.choose(third, [txid])).toEqual([]);
  // Money that is fetched now came through it.
  wanted.add(txid);
  expect(news.keeps(txid, bytes)).toBe(true);
});
