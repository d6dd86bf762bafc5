/** Meeting by codes that two people hand each other. */

import { beforeEach, describe, expect, test } from 'vitest';
import { decodePairing } from '../core/pairing.ts';
import { clock, create, FakeConnection, file, genesis, inv, open, reset, settle, tracker } from './webtorrent.contract.ts';

beforeEach(reset);

describe('pairing', () => {
  async function openTwo() {
    tracker.isDead = true;
    const [a, b] = [await open('a'), await open('b')];
    a.swarm.seed(genesis);
    b.swarm.seed(genesis);
    await settle();
    return { a, b };
  }
  /** Lets the streams run while something is awaited. */
  async function during<T>(promise: Promise<T>): Promise<T> {
    await settle();
    return promise;
  }

  test('two devices that hand each other codes are connected, though it takes them minutes', async () => {
    const { a, b } = await openTwo();
    const answer = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    for (let second = 0; second < 590; second++) {
      clock.leap(1_000);
      await settle();
    }
    await during(a.swarm.finishPairing(answer.toUpperCase()));
    expect([a.log, b.log]).toEqual([['peer b'], ['peer a']]);
    a.peers.get(b.id)?.send(inv);
    await settle();
    expect(b.messages).toEqual([inv]);
  }, 20_000);

  test('after ten minutes, or when it is cancelled, it has ended on both sides', async () => {
    const { a, b } = await openTwo();
    for (const end of [() => clock.leap(600_000), () => [a, b].map(({ swarm }) => swarm.cancelPairing())]) {
      const answer = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
      end();
      await settle();
      await expect(a.swarm.finishPairing(answer)).rejects.toMatchObject({ code: 'pairing' });
      expect(FakeConnection.all.every(({ destroyed }) => destroyed)).toBe(true);
    }
  });

  test('a code of another kind, of itself, of another network or of another pairing is refused', async () => {
    const { a, b } = await openTwo();
    const refused = { code: 'pairing' };
    await expect(a.swarm.answerPairing('ttxpair1')).rejects.toMatchObject(refused);
    const old = await during(a.swarm.startPairing());
    await expect(a.swarm.answerPairing(old)).rejects.toMatchObject(refused);
    await expect(a.swarm.finishPairing(old)).rejects.toMatchObject(refused);
    const oldAnswer = await during(b.swarm.answerPairing(old));
    await expect(b.swarm.answerPairing(oldAnswer)).rejects.toMatchObject(refused);
    await during(a.swarm.startPairing());
    await expect(a.swarm.finishPairing(oldAnswer)).rejects.toMatchObject(refused);
    const c = await open('c');
    await expect(c.swarm.startPairing()).rejects.toMatchObject({ code: 'no-network' });
    c.swarm.seed(file('{"genesis":2}', 'genesis'));
    await expect(c.swarm.answerPairing(old)).rejects.toMatchObject({ code: 'pairing', detail: { what: 'network' } });
  });

  test('whoever waits for a connection hears when there is none, or when he gives up', async () => {
    const { a, b } = await openTwo();
    const answer = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    FakeConnection.isCut = true;
    const failed = expect(a.swarm.finishPairing(answer)).rejects.toMatchObject({ code: 'timeout' });
    await settle();
    clock.leap(30_000);
    await failed;
    const second = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    const cancelled = expect(a.swarm.finishPairing(second)).rejects.toMatchObject({ code: 'cancelled' });
    await settle();
    a.swarm.cancelPairing();
    await cancelled;
  });

  test('who has answered hears of the connection, and when it fails, takes too long or is given up', async () => {
    const { a, b } = await openTwo();
    await expect(b.swarm.awaitPairing()).rejects.toMatchObject({ code: 'cancelled' });
    const answer = async () => during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    for (const [end, reason] of [
      [() => FakeConnection.all.at(-1)?.emit('error'), { code: 'timeout', detail: { what: 'connection' } }],
      [() => clock.leap(600_000), { code: 'timeout' }],
      [() => b.swarm.cancelPairing(), { code: 'cancelled' }],
    ] as const) {
      await answer();
      const failed = expect(b.swarm.awaitPairing()).rejects.toMatchObject(reason);
      await settle();
      end();
      await failed;
    }
    const last = await answer();
    const connected = b.swarm.awaitPairing();
    await during(a.swarm.finishPairing(last));
    await connected;
    expect(b.log).toEqual(['peer a']);
  });

  test('a code carries the genesis, and waits for the start', async () => {
    const { a } = await openTwo();
    const code = await during(a.swarm.startPairing());
    expect(decodePairing(code)).toMatchObject({ kind: 'offer', genesis: genesis.bytes });
    const c = create('c');
    c.swarm.seed(genesis);
    const answer = c.swarm.answerPairing(code);
    await settle();
    await c.start();
    expect(decodePairing(await during(answer))).toMatchObject({ kind: 'answer' });
    const d = create('d');
    const ended = expect(d.swarm.startPairing()).rejects.toMatchObject({ code: 'cancelled' });
    await d.swarm.stop();
    await ended;
  });
});
