import { expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { LightNews } from './light-news.ts';

const [alice, bob] = [person('alice'), person('bob')];
const { file: genesis, network } = makeGenesis(alice);
const toBob = makePayment(alice, [genesis], bob.address, 5_000_000n, 2);

function open() {
  const clock = new VirtualClock();
  const unused = () => expect.unreachable();
  const news = new LightNews({
    ledger: new Ledger(network),
    acceptor: { accept: unused, missingAncestors: unused, pool: unused as never },
    fetcher: unused,
    clock,
    owner: () => bob.address,
    isLight: () => true,
    failed: unused,
  });
  return { clock, news };
}

test('news that one peer invents leave what others announce as it was, during the flood and after it', async () => {
  const { clock, news } = open();
  const [flooding, honest, late] = ['flooding', 'honest', 'late'].map((id) => new ScriptedPeer(id)) as [
    ScriptedPeer,
    ScriptedPeer,
    ScriptedPeer,
  ];
  let invented = 0;
  let looks = 0;
  const junk = () => Array.from({ length: 1_000 }, () => (invented++).toString(16).padStart(64, '0') as TxId);
  for (let second = 0; second < 60; second++) {
    looks += news.choose(flooding, [...junk(), toBob.txid]).length;
    await clock.advance(1_000);
  }
  expect(looks).toBeLessThan(1_700);
  expect(news.choose(honest, [toBob.txid])).toEqual([toBob.txid]);
  expect(news.choose(late, [toBob.txid])).toEqual([]);
});
