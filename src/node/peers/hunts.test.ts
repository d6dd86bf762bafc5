import { expect, test } from 'vitest';
import { type Infohash, type Locator, locator, type TxId, txidOf } from '../../core/id.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { Hunts } from './hunts.ts';

const ancestor = (name: string): Locator => locator(name.padStart(40, '0') as Infohash, name.padStart(64, '0') as TxId);
const many = (letter: string, count: number) => Array.from({ length: count }, (_, n) => ancestor(`${letter}${n}`));

/** A search among swarms of which those in `connected` have somebody in them, and those in `held` the file. */
function open(options: { readonly hasPeers?: boolean; readonly connected?: ReadonlySet<Locator> } = {}) {
  const clock = new VirtualClock();
  const urged: TxId[] = [];
  const relaxed: TxId[] = [];
  const hunted: string[] = [];
  const hunting = new Map<string, (bytes: Uint8Array) => void>();
  const accepted: Uint8Array[] = [];
  const hunts = new Hunts({
    clock,
    acceptor: {
      accept: async (files) => {
        accepted.push(...files);
        return [];
      },
    },
    fetcher: { urge: (txids) => urged.push(...txids), relax: (txids) => relaxed.push(...txids) },
    swarm: {
      fetch: (infohash, { signal, connected }) =>
        new Promise((resolve, reject) => {
          const name = infohash.replace(/^0+/, '');
          hunted.push(name);
          hunting.set(name, resolve);
          if (options.connected?.has(ancestor(name))) connected?.(1);
          signal.addEventListener('abort', () => {
            hunting.delete(name);
            reject(signal.reason);
          });
        }),
    },
    hasPeers: () => options.hasPeers ?? false,
    found: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  /** A payment looks every second. */
  const wait = async (seconds: number, ...searches: readonly (readonly [string, readonly Locator[]])[]) => {
    for (let n = 0; n < seconds; n++) {
      for (const [payment, missing] of searches) hunts.seek(payment, missing, []);
      await clock.advance(1_000);
    }
  };
  return { clock, hunts, urged, relaxed, hunted, hunting, accepted, wait };
}

test('connected peers are asked first, and swarms are joined only for what they do not bring', async () => {
  const { urged, hunted, wait } = open({ hasPeers: true });
  await wait(2, ['p', many('a', 3)]);
  expect([urged, hunted]).toEqual([many('a', 3).map(txidOf), []]);
  await wait(3, ['p', many('a', 1)]);
  expect(hunted).toEqual(['a0']);
});

test('no more than four swarms are searched at a time, whatever is missing', async () => {
  const { hunting, wait } = open();
  await wait(10, ['p', many('a', 500)]);
  expect(hunting.size).toBe(4);
});

test('a payment with garbage for a history holds up no other, even where somebody pretends to seed it', async () => {
  const garbage = many('a', 100);
  const { hunted, wait } = open({ connected: new Set(garbage) });
  await wait(1, ['bad', garbage]);
  await wait(62, ['bad', garbage], ['good', many('b', 1)]);
  expect(hunted).toContain('b0');
});

test('every ancestor has its turn', async () => {
  const { hunted, wait } = open();
  await wait(120, ['p', many('a', 20)]);
  expect(new Set(hunted).size).toBe(20);
});

test('what nobody delivers is asked for and sought less and less often, and never given up', async () => {
  const { hunted, urged, wait } = open();
  await wait(3_600, ['p', many('a', 1)]);
  expect(urged.length).toBeGreaterThan(50);
  expect(urged.length).toBeLessThan(70);
  expect(hunted.length).toBeGreaterThan(20);
  expect(hunted.length).toBeLessThan(40);
});

test('an ancestor is named as unseeded when it was sought for ten seconds and nobody was met', async () => {
  const [met, lonely] = many('a', 2) as [Locator, Locator];
  const { hunts, wait } = open({ connected: new Set([met]) });
  const isUnseeded = () => [met, lonely].map((one) => hunts.isUnseeded('p', txidOf(one)));
  await wait(9, ['p', [met, lonely]]);
  expect(isUnseeded()).toEqual([false, false]);
  await wait(2, ['p', [met, lonely]]);
  expect(isUnseeded()).toEqual([false, true]);
});

test('what comes is accepted, and what no payment misses any more is sought no longer', async () => {
  const [one, other] = many('a', 2) as [Locator, Locator];
  const { hunts, hunting, accepted, relaxed, wait } = open();
  await wait(1, ['p', [one, other]], ['q', [other]]);
  hunting.get('a0')?.(new Uint8Array([7]));
  await wait(1, ['p', [other]], ['q', [other]]);
  expect([accepted, relaxed]).toEqual([[new Uint8Array([7])], [txidOf(one)]]);
  hunts.end('p');
  await wait(1, ['q', [other]]);
  expect(hunting.has('a1')).toBe(true);
  hunts.stop();
  await wait(1);
  expect([hunting.has('a1'), relaxed.at(-1)]).toEqual([false, txidOf(other)]);
});
