import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTtxError } from './error.ts';
import { locator, txidFromBytes } from './id.ts';
import { decodePairing, encodePairing, isAddress, nameOffer, type Pairing } from './pairing.ts';
import { parseDescription, writeDescription } from './session-description.ts';
import { infohash } from './torrent.ts';
import vectors from './vectors/pairing.json' with { type: 'json' };

/** As the vectors write it: the genesis as text. */
const withBytes = ({ genesis, ...rest }: { readonly genesis?: string }) =>
  genesis === undefined ? rest : { ...rest, genesis: new TextEncoder().encode(genesis) };

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.description, { ...v, pairing: withBytes(v.pairing) }] as const))('%s', (_, { code, pairing }) => {
    expect(decodePairing(code)).toEqual(pairing);
    expect(encodePairing(pairing as Pairing)).toBe(code);
    expect(decodePairing(` ${code.toUpperCase().replace(/(.{20})/g, '$1\n')}`)).toEqual(pairing);
  });

  test.each(vectors.invalid.map((v) => [v.description, v] as const))('refuses %s', (_, { code, error }) => {
    expect(() => decodePairing(code)).toThrowError(expect.objectContaining({ code: error }));
  });

  test('an answer names its offer, however that is written', () => {
    const [offer, answer] = vectors.valid;
    expect(nameOffer(`${offer?.code.toUpperCase()}\n`)).toBe(answer?.pairing.offer);
  });
});

/** As Chromium writes it, with more candidates than fit. */
const SDP = `v=0
o=- 5217193013 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 54321 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 203.0.113.7
a=candidate:1 1 udp 2113937151 01234567-89ab-cdef-0123-456789abcdef.local 54321 typ host generation 0 network-cost 999
a=candidate:2 1 udp 2113939711 2001:db8::7 54322 typ host generation 0
a=candidate:3 1 tcp 1518283007 192.168.0.7 9 typ host tcptype active
a=candidate:4 1 udp 2113937150 192.168.0.7 54325 typ host generation 0
a=candidate:5 1 udp 2113937150 192.168.1.7 54326 typ host generation 0
a=candidate:6 1 udp 2113937150 192.168.2.7 54327 typ host generation 0
a=candidate:7 1 udp 1677729535 203.0.113.7 54321 typ srflx raddr 0.0.0.0 rport 0 generation 0
a=ice-ufrag:Yq3k
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=ice-options:trickle
a=fingerprint:sha-256 ${Array(32).fill('C4').join(':')}
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
`.replaceAll('\n', '\r\n');

test('what a browser describes is said in at most 400 characters, and written as a browser takes it', () => {
  const transport = parseDescription(SDP);
  if (transport === undefined) throw new Error('not read');
  expect(transport.candidates.map(({ origin, address }) => `${origin} ${address}`).slice(0, 3)).toEqual([
    'host 01234567-89ab-cdef-0123-456789abcdef.local',
    'srflx 203.0.113.7',
    'host 2001:db8::7',
  ]);
  const network = `${'1'.repeat(40)}:${'2'.repeat(64)}` as never;
  const code = encodePairing({ kind: 'offer', network, peerId: '3'.repeat(40), transport });
  expect(code.length).toBeLessThanOrEqual(400);
  const read = decodePairing(code).transport;
  expect(read.candidates).toHaveLength(5);
  const written = writeDescription(read);
  expect(parseDescription(written)).toEqual(read);
  expect(written).toContain('a=candidate:1 1 udp 2130706431 01234567-89ab-cdef-0123-456789abcdef.local 54321 typ host\r\n');
  expect(written).toContain(`a=fingerprint:sha-256 ${Array(32).fill('C4').join(':')}\r\n`);
});

test('a genesis goes with the offer unless it is too long for a code', () => {
  const transport = parseDescription(SDP);
  if (transport === undefined) throw new Error('not read');
  const write = (genesis: Uint8Array) => {
    const network = locator(infohash(genesis), txidFromBytes(sha256(genesis)));
    return { network, code: encodePairing({ kind: 'offer', network, genesis, peerId: '3'.repeat(40), transport }) };
  };
  const ordinary = write(new Uint8Array(700));
  expect(ordinary.code.length).toBeLessThanOrEqual(1_500);
  expect(decodePairing(ordinary.code)).toMatchObject({ network: ordinary.network, genesis: new Uint8Array(700) });
  const long = write(new Uint8Array(701));
  expect(decodePairing(long.code)).toMatchObject({ kind: 'offer', network: long.network });
  expect(decodePairing(long.code)).not.toHaveProperty('genesis');
});

test('a description without its essentials is none', () => {
  for (const line of ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'])
    expect(parseDescription(SDP.replace(`a=${line}`, 'a=x'))).toBeUndefined();
  expect(parseDescription('')).toBeUndefined();
});

describe('a description that names two certificates, or would be read in two ways', () => {
  const other = `sha-256 ${Array(32).fill('D5').join(':')}`;
  const own = `a=fingerprint:sha-256 ${Array(32).fill('C4').join(':')}\r\n`;
  test.each([
    ['one for all sections, another for the section', SDP.replace('t=0 0\r\n', `t=0 0\r\na=fingerprint:${other}\r\n`)],
    ['two in the section', SDP.replace(own, `a=fingerprint:${other}\r\n${own}`)],
    ['the second in capitals, after a bare line break', SDP.replace(own, `${own}a=fingerprint:${other.toUpperCase()}\n`)],
    ['the second after a bare carriage return', SDP.replace('a=mid:0', `a=mid:0\ra=fingerprint:${other}`)],
    ['two sections', `${SDP}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`],
    ['a section of another name', SDP.replace('a=mid:0', 'a=mid:data')],
    ['another SCTP port', SDP.replace('a=sctp-port:5000', 'a=sctp-port:5001')],
    ['a password that is too short', SDP.replace('a=ice-pwd:abcdefghijklmnopqrstuvwx', 'a=ice-pwd:abcd')],
    ['a password that is a line', SDP.replace('abcdefghijklmnopqrstuvwx', 'abcdefghijklmnopqrstuvwx a=mid:1')],
  ])('%s: is none', (_, sdp) => {
    expect(sdp).not.toBe(SDP);
    expect(parseDescription(sdp)).toBeUndefined();
  });

  test.each([
    ['the same certificate twice, as Firefox may', SDP.replace('t=0 0\r\n', `t=0 0\r\n${own}`)],
    ['the certificate by another hash as well', SDP.replace(own, `a=fingerprint:sha-1 ${Array(20).fill('D5').join(':')}\r\n${own}`)],
    ['the certificate for all sections', SDP.replace(own, '').replace('t=0 0\r\n', `t=0 0\r\n${own}`)],
    ['a name for all sections, another for the section', SDP.replace('t=0 0\r\n', 't=0 0\r\na=ice-ufrag:else\r\n')],
    ['bare line breaks', SDP.replaceAll('\r', '')],
  ])('%s: is read, and written with one', (_, sdp) => {
    expect(sdp).not.toBe(SDP);
    const transport = parseDescription(sdp);
    expect(transport).toEqual(parseDescription(SDP));
    if (transport === undefined) throw new Error('not read');
    expect(writeDescription(transport).match(/^a=fingerprint/gm)).toHaveLength(1);
  });
});

test('addresses are those of IPv4, IPv6 and mDNS names', () => {
  for (const good of ['0.0.0.0', '255.255.255.255', '::1', '2001:db8::', '1:2:3:4:5:6:7:8', '01234567-89ab-cdef-0123-456789abcdef.local'])
    expect([good, isAddress(good)]).toEqual([good, true]);
  for (const bad of [
    '',
    '256.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::ffff:1.2.3.4',
    'x.local',
    'example.com',
  ])
    expect([bad, isAddress(bad)]).toEqual([bad, false]);
});

test('any other text is refused with a TtxError, and what is read is written the same', () => {
  const body = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        body.map(bytesToHex),
        body.map((bytes) => bytesToHex(sha256(bytes))),
      ),
      (text) => {
        try {
          decodePairing(text);
        } catch (error) {
          expect(isTtxError(error, 'pairing')).toBe(true);
        }
      },
    ),
  );
});
