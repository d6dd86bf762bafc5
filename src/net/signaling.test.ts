import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Infohash } from '../core/id.ts';
import type { Transport } from '../core/pairing.ts';
import { parseDescription, writeDescription } from '../core/session-description.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { type Description, transportOf } from './description.ts';
import { type Introduction, PAIRING, type RemoteCandidate, type Signal, Signaling } from './signaling.ts';

const TORRENT = 'ab'.repeat(20) as Infohash;
const PEER = '02'.repeat(20);

const transport = (digits: string, setup: Transport['setup']): Transport => ({
  ufrag: `name${digits}`,
  pwd: 'p'.repeat(24),
  fingerprint: digits.repeat(32),
  setup,
  candidates: [],
});

/** Describes itself when told to. */
class FakeConnection extends EventEmitter {
  readonly signaled: Description[] = [];
  readonly called: string[] = [];
  destroyed = false;
  readonly isPatient: boolean;
  constructor(isPatient: boolean) {
    super();
    this.isPatient = isPatient;
  }
  signal(told: Description | { readonly type: 'candidate'; readonly candidate: RemoteCandidate }): void {
    if ('candidate' in told) this.called.push(told.candidate.candidate);
    else this.signaled.push(told);
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  describe(digits: string, type: 'offer' | 'answer'): void {
    this.emit('signal', { type, sdp: writeDescription(transport(digits, type === 'offer' ? 'actpass' : 'active')) });
  }
}

function open(welcomes = () => true) {
  const clock = new VirtualClock();
  const connections: FakeConnection[] = [];
  const introductions: Introduction<FakeConnection>[] = [];
  const signaling = new Signaling<FakeConnection>({
    createConnection: (_, isPatient) => {
      const connection = new FakeConnection(isPatient);
      connections.push(connection);
      return connection;
    },
    clock,
    randomBytes: (count) => new Uint8Array(count).fill(connections.length),
    hasRoom: () => true,
    welcomes,
    onIntroduction: (introduction) => introductions.push(introduction),
  });
  return { clock, connections, introductions, signaling };
}

const signalOf = (source: string, digits: string, setup: Transport['setup']): Signal => ({
  infohash: TORRENT,
  source,
  peerId: PEER,
  offerId: '0f'.repeat(20),
  transport: transport(digits, setup),
});

describe('who carries a description and puts another certificate beside the right one', () => {
  const honest = writeDescription(transport('aa', 'actpass'));
  const own = writeDescription(transport('cc', 'actpass'));
  const lineOf = (sdp: string) => /a=fingerprint:.*\r\n/.exec(sdp)?.[0] ?? '';
  const forged = {
    'for all sections': own.replace('t=0 0\r\n', `t=0 0\r\n${lineOf(honest)}`),
    'before its own': own.replace(lineOf(own), lineOf(honest) + lineOf(own)),
    'after its own': own.replace(lineOf(own), lineOf(own) + lineOf(honest)),
  };

  test.each(Object.entries(forged))('%s: is not listened to', (_, sdp) => {
    expect(transportOf({ type: 'offer', sdp }, 'offer')).toBeUndefined();
  });

  test('by whatever means: the browser demands the certificate that the proof of identity speaks of', () => {
    const { connections, introductions, signaling } = open();
    const sha1 = `a=fingerprint:sha-1 ${Array(20).fill('AA').join(':')}\r\n`;
    const read = transportOf({ type: 'offer', sdp: own.replace('t=0 0\r\n', `t=0 0\r\n${sha1}`) }, 'offer');
    if (read === undefined) throw new Error('not read');
    signaling.takeOffer({ ...signalOf('wss://tracker', 'cc', 'actpass'), transport: read }, () => {});
    const given = connections[0]?.signaled[0]?.sdp ?? '';
    expect(given.match(/^a=fingerprint.*$/gm)).toEqual([`a=fingerprint:sha-256 ${Array(32).fill('CC').join(':')}`]);
    expect(introductions[0]?.fingerprints.remote).toEqual(new Uint8Array(32).fill(0xcc));
  });
});

test.each(['wss://tracker', PAIRING])('by %s: both sides call a connection the same, and know both certificates', (source) => {
  const [a, b] = [open(), open()];
  let offer: Transport | undefined;
  let offerId = '';
  a.signaling.offer({
    infohash: TORRENT,
    source,
    described: (made) => {
      offer = made?.transport;
      offerId = made?.offerId ?? '';
    },
  });
  a.connections[0]?.describe('aa', 'offer');
  if (offer === undefined) throw new Error('no offer');
  let answer: Transport | undefined;
  // Who carries it has a name of its own for it.
  b.signaling.takeOffer({ ...signalOf(source, 'aa', 'actpass'), transport: offer, offerId: '9'.repeat(40) }, (_, read) => {
    answer = read;
  });
  b.connections[0]?.describe('bb', 'answer');
  if (answer === undefined) throw new Error('no answer');
  expect(a.signaling.takeAnswer({ ...signalOf(source, 'bb', 'active'), transport: answer, offerId })).toBe('taken');
  for (const { connections } of [a, b]) connections[0]?.emit('connect');
  const [atA, atB] = [a.introductions[0], b.introductions[0]];
  expect(atA?.offerId).toMatch(/^[0-9a-f]{40}$/);
  expect(atA?.offerId).toBe(atB?.offerId);
  expect(atA?.fingerprints).toEqual({ own: atB?.fingerprints.remote, remote: atB?.fingerprints.own });
  expect(parseDescription(a.connections[0]?.signaled[0]?.sdp ?? '')).toEqual(answer);
});

test('two people who met are not kept waiting by strangers', () => {
  const { signaling, connections } = open();
  const strangers = Array.from({ length: 30 }, (_, n) => signalOf('wss://tracker', n.toString(16).padStart(2, '0'), 'actpass'));
  const taken = strangers.filter((signal) => signaling.takeOffer(signal, () => {}));
  expect(taken).toHaveLength(12);
  expect(signaling.takeOffer(signalOf(PAIRING, 'aa', 'actpass'), () => {})).toBe(true);
  // Neither when as many have come and gone as are taken up.
  for (const connection of connections) connection.destroy();
  expect(signaling.takeOffer(signalOf('wss://tracker', 'ee', 'actpass'), () => {})).toBe(false);
  expect(signaling.takeOffer(signalOf(PAIRING, 'bb', 'actpass'), () => {})).toBe(true);
});

test('an answer is told apart: taken, to no offer of ours, or of somebody for whom there is no place', () => {
  let isPlace = true;
  const { signaling, connections } = open(() => isPlace);
  const offer = () => {
    let offerId = '';
    const described = (made: { readonly offerId: string } | undefined) => {
      offerId = made?.offerId ?? '';
    };
    signaling.offer({ infohash: TORRENT, source: PAIRING, described });
    connections.at(-1)?.describe('aa', 'offer');
    return { ...signalOf(PAIRING, 'bb', 'active'), offerId };
  };
  const answer = offer();
  expect(signaling.takeAnswer({ ...answer, source: 'wss://tracker' })).toBe('unknown-offer');
  expect(signaling.takeAnswer(answer)).toBe('taken');
  expect(signaling.takeAnswer(answer)).toBe('unknown-offer');
  const late = offer();
  isPlace = false;
  expect(signaling.takeAnswer(late)).toBe('unwelcome');
  expect(connections.map(({ destroyed }) => destroyed)).toEqual([false, true]);
});

describe('whoever has answered', () => {
  const candidate = { origin: 'srflx', address: '203.0.113.7', port: 50_000 } as const;
  const reachable = { ...transport('aa', 'actpass'), candidates: [candidate] };
  const take = (source: string) => {
    const { signaling, connections, clock } = open();
    signaling.takeOffer({ ...signalOf(source, 'aa', 'actpass'), transport: reachable }, () => {});
    const [connection] = connections;
    if (connection === undefined) throw new Error('not taken');
    return { connection, clock };
  };

  test('two people who met: calls again until the other comes, each time as if it were somebody new', () => {
    const { connection, clock } = take(PAIRING);
    expect(connection.isPatient).toBe(true);
    clock.leap(90_000);
    expect(connection.called).toHaveLength(3);
    const first = /a=(candidate:.*)\r\n/.exec(connection.signaled[0]?.sdp ?? '')?.[1] ?? '';
    const all = [first, ...connection.called];
    expect(new Set(all.map((line) => line.split(' ')[0])).size).toBe(4);
    expect(new Set(all.map((line) => line.split(' ').slice(1).join(' ')))).toEqual(new Set([first.split(' ').slice(1).join(' ')]));
    connection.emit('connect');
    clock.leap(90_000);
    expect(connection.called).toHaveLength(3);
  });

  test('a stranger: calls once', () => {
    const { connection, clock } = take('wss://tracker');
    clock.leap(50_000);
    expect([connection.isPatient, connection.called]).toEqual([false, []]);
  });
});
