import { signal } from '@preact/signals';
import { describe, expect, it, vi } from 'vitest';
import type { NodeState, PeerState } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import { parseLink } from '../core/link.ts';
import vectors from '../core/vectors/pairing.json' with { type: 'json' };
import type { Loadable } from './node-client.ts';
import { LIFETIME_MS, Pairing } from './pairing.ts';

const [OFFER, ANSWER] = vectors.valid.map(({ code, pairing }) => ({ code, peerId: pairing.peerId, network: pairing.network }));

function setUp() {
  const offer = OFFER?.code ?? '';
  const answer = ANSWER?.code ?? '';
  const state = signal<Loadable<NodeState>>({ kind: 'loading' });
  const connect = (id = '', foundBy: PeerState['foundBy'] = 'tracker') => {
    const network = { peers: [{ id, foundBy } as PeerState] };
    state.value = { kind: 'ready', value: { network } as unknown as NodeState };
  };
  const timers: { readonly delayMs: number; readonly task: () => void; isCancelled: boolean }[] = [];
  const api = {
    startPairing: vi.fn(async () => offer),
    answerPairing: vi.fn(async (_: string) => answer),
    awaitPairing: vi.fn(() => new Promise<void>(() => undefined)),
    finishPairing: vi.fn(async (_: string) => undefined),
    cancelPairing: vi.fn(async () => undefined),
  };
  const pairing = new Pairing({
    api,
    state,
    after: (delayMs, task) => {
      const timer = { delayMs, task, isCancelled: false };
      timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    },
  });
  const running = () => timers.filter(({ isCancelled }) => !isCancelled);
  return { pairing, api, connect, running, offer, answer };
}

describe('the side that begins', () => {
  it('shows one code however often it is asked to begin, and is connected with the answer', async () => {
    const { pairing, api, offer, answer, running } = setUp();
    await Promise.all([pairing.start(), pairing.start()]);
    expect(api.startPairing).toHaveBeenCalledTimes(1);
    expect(pairing.state.value).toEqual({ kind: 'offered', code: offer, trouble: undefined });
    // A camera reads the same code many times.
    await Promise.all([pairing.take(answer), pairing.take(answer)]);
    expect(api.finishPairing.mock.calls).toEqual([[answer]]);
    expect(pairing.state.value).toEqual({ kind: 'connected', already: false });
    expect(running()).toEqual([]);
  });

  it('goes on showing its code when something else is read', async () => {
    const { pairing, api, offer, answer } = setUp();
    await pairing.start();
    await pairing.take('ttxpair1nonsense');
    expect(pairing.state.value).toMatchObject({ kind: 'offered', code: offer, trouble: { code: 'pairing', detail: { what: 'damaged' } } });
    await pairing.take(offer);
    expect(pairing.state.value).toMatchObject({ kind: 'offered', trouble: { detail: { what: 'own' } } });
    api.finishPairing.mockRejectedValueOnce(new TtxError('pairing', { what: 'no answer to this offer' }));
    await pairing.take(answer);
    expect(pairing.state.value).toMatchObject({ kind: 'offered', code: offer, trouble: { code: 'pairing' } });
    expect(api.cancelPairing).not.toHaveBeenCalled();
    await pairing.take(answer);
    expect(pairing.state.value.kind).toBe('connected');
  });

  it('says so when the two cannot reach each other', async () => {
    const { pairing, api, answer } = setUp();
    await pairing.start();
    api.finishPairing.mockRejectedValueOnce(new TtxError('timeout', { what: 'connection' }));
    await pairing.take(answer);
    expect(pairing.state.value).toEqual({ kind: 'failed', error: { code: 'timeout', detail: { what: 'connection' } } });
  });

  it('is connected when the answer was opened in another tab', async () => {
    const { pairing, connect, running } = setUp();
    connect('paired before', 'pairing');
    await pairing.start();
    connect('somebody else');
    expect(pairing.state.value.kind).toBe('offered');
    connect('paired now', 'pairing');
    expect(pairing.state.value).toEqual({ kind: 'connected', already: false });
    expect(running()).toEqual([]);
  });

  it('ends after ten minutes', async () => {
    const { pairing, api, running } = setUp();
    await pairing.start();
    expect(running().map(({ delayMs }) => delayMs)).toEqual([LIFETIME_MS]);
    running()[0]?.task();
    expect(pairing.state.value).toEqual({ kind: 'failed', error: { code: 'timeout', detail: { what: 'lifetime' } } });
    expect(api.cancelPairing).toHaveBeenCalledTimes(1);
  });

  it('forgets a code that comes after it was cancelled', async () => {
    const { pairing, api } = setUp();
    const starting = pairing.start();
    pairing.cancel();
    await starting;
    expect(pairing.state.value).toEqual({ kind: 'idle' });
    expect(api.cancelPairing).toHaveBeenCalledTimes(1);
  });
});

describe('the side that answers', () => {
  it('is connected when the other one appears', async () => {
    const { pairing, api, offer, answer, connect, running } = setUp();
    await pairing.take(offer);
    expect(api.answerPairing.mock.calls).toEqual([[offer]]);
    expect(pairing.state.value).toEqual({ kind: 'answered', code: answer, trouble: undefined });
    connect('somebody else');
    expect(pairing.state.value.kind).toBe('answered');
    connect(OFFER?.peerId);
    expect(pairing.state.value).toEqual({ kind: 'connected', already: false });
    expect(running()).toEqual([]);
  });

  it('says so when the connection fails', async () => {
    const { pairing, api, offer, connect } = setUp();
    api.awaitPairing.mockRejectedValueOnce(new TtxError('timeout', { what: 'connection' }));
    await pairing.take(offer);
    await vi.waitFor(() =>
      expect(pairing.state.value).toEqual({ kind: 'failed', error: { code: 'timeout', detail: { what: 'connection' } } }),
    );
    // Connected by other means, it is not failed any more; whoever begins again hears nothing of the old one.
    connect(OFFER?.peerId);
    await pairing.take(offer);
    expect(pairing.state.value).toEqual({ kind: 'connected', already: true });
  });

  it('knows a link that joins the network of the code, a whole one if the code carries the genesis', async () => {
    const { pairing, api, offer } = setUp();
    expect(pairing.invitation).toBeUndefined();
    const [, , carrying] = vectors.valid;
    api.answerPairing.mockRejectedValue(new TtxError('no-network'));
    await pairing.take(offer);
    expect(pairing.invitation).toEqual({ network: OFFER?.network, link: expect.stringMatching(/^#\/join\?xt=urn:btih:1{40}/) });
    await pairing.take(carrying?.code ?? '');
    const link = parseLink(pairing.invitation?.link ?? '');
    expect(link).toMatchObject({
      kind: 'invitation',
      magnet: { network: carrying?.pairing.network, file: new TextEncoder().encode(carrying?.pairing.genesis) },
    });
  });

  it('answers although it had begun itself', async () => {
    const { pairing, api, offer } = setUp();
    api.startPairing.mockResolvedValueOnce('ttxpair1own');
    await pairing.start();
    await pairing.take(offer);
    expect(api.answerPairing).toHaveBeenCalledTimes(1);
    expect(pairing.state.value.kind).toBe('answered');
  });

  it('says which network the code is for, and takes it once that is open', async () => {
    const { pairing, api, offer } = setUp();
    api.answerPairing.mockRejectedValueOnce(new TtxError('pairing', { what: 'network', network: 'a:b' }));
    await pairing.take(offer);
    expect(pairing.state.value).toMatchObject({ kind: 'failed', error: { detail: { what: 'network', network: 'a:b' } } });
    await pairing.retry();
    expect(api.answerPairing.mock.calls).toEqual([[offer], [offer]]);
    expect(pairing.state.value.kind).toBe('answered');
  });
});

it('does nothing for two devices that are connected already', async () => {
  const { pairing, api, offer, connect } = setUp();
  connect(OFFER?.peerId);
  await pairing.take(offer);
  expect(pairing.state.value).toEqual({ kind: 'connected', already: true });
  expect(api.answerPairing).not.toHaveBeenCalled();
});
