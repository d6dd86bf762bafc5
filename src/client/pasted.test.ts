import { describe, expect, it } from 'vitest';
import { TtxError } from '../core/error.ts';
import { findScreenForPaste, screenForText } from './pasted.ts';

const INFOHASH = 'a'.repeat(40);
const TXID = 'b'.repeat(64);
const GENESIS = `${'c'.repeat(40)}:${'d'.repeat(64)}`;
const PAYMENT = `xt=urn:btih:${INFOHASH}&x.ttx=${TXID}&x.net=${GENESIS}`;
const INVITATION = `xt=urn:btih:${'c'.repeat(40)}&x.ttx=${'d'.repeat(64)}&x.net=${GENESIS}`;

describe('pasted text', () => {
  it('opens accepting for a magnet link', () => {
    expect(screenForText(`magnet:?${PAYMENT}`)).toEqual({ kind: 'accept', query: PAYMENT });
  });

  it('opens accepting for an app link inside a chat message', () => {
    expect(screenForText(`here you are: https://x.example/app/#/accept?${PAYMENT} – thanks`)).toEqual({ kind: 'accept', query: PAYMENT });
  });

  it('takes the magnet link where a message has an app link before it', () => {
    const text = `https://x.example/#/pay?to=nobody or magnet:?${PAYMENT}`;
    expect(screenForText(text)).toEqual({ kind: 'accept', query: PAYMENT });
  });

  it('opens the same screens for links of the scheme web+ttx', () => {
    expect(screenForText(`web+ttx:accept?${PAYMENT}`)).toEqual({ kind: 'accept', query: PAYMENT });
    // Some software makes a host of what follows the scheme.
    expect(screenForText(`WEB+TTX://join/?${INVITATION}`)).toEqual({ kind: 'join', query: INVITATION });
    expect(() => screenForText('web+ttx:accept')).toThrow(TtxError);
  });

  it('opens joining for an invitation', () => {
    expect(screenForText(`https://x.example/#/join?${INVITATION}`)).toEqual({ kind: 'join', query: INVITATION });
  });

  it('opens joining for the magnet link of a genesis', () => {
    expect(screenForText(`magnet:?${INVITATION}`)).toEqual({ kind: 'join', query: INVITATION });
  });

  it('opens joining for a bare locator', () => {
    expect(screenForText(GENESIS)).toMatchObject({ kind: 'join', query: expect.stringContaining('d'.repeat(64)) });
  });

  it('opens connecting for a pairing code, alone, in a message, in a link, in capitals or over several lines', () => {
    const code = `ttxpair1${'q'.repeat(300)}`;
    const texts = [code, `Here: https://x.example/#/network/connect?${code} ok?`, code.toUpperCase(), code.replace(/(.{64})/g, '$1\n ')];
    for (const text of texts) expect(screenForText(text)).toEqual({ kind: 'connect', code });
  });

  it('refuses garbage with a code', () => {
    expect(() => screenForText('garbage')).toThrow(TtxError);
    expect(() => screenForText('x'.repeat(100_000))).toThrow(TtxError);
  });

  it('leaves a paste alone that is nothing of ours', () => {
    expect(findScreenForPaste('garbage')).toBeUndefined();
    expect(findScreenForPaste('')).toBeUndefined();
  });
});
