/** WebRTC session descriptions (SDP, RFC 8829) of one data channel: taken apart, and written anew. */
import { type Candidate, ICE_PWD, ICE_UFRAG, isAddress, type Transport } from './pairing.ts';

/** Priorities by origin (RFC 8445, 5.1.2). */
const PREFERENCE = { host: 126, srflx: 100, relay: 0 } as const;
const FINGERPRINT = /^sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/;

/**
 * What a description says that others do not; undefined if something is missing, is said in two ways, or is not as {@link writeDescription}
 * writes it. TCP candidates are left out. Nothing in what is returned can break a line.
 */
export function parseDescription(sdp: string): Transport | undefined {
  const lines = sdp.split(/[\r\n]+/).map((line) => line.trimEnd());
  const values = (name: string) => lines.filter((line) => line.startsWith(`a=${name}:`)).map((line) => line.slice(name.length + 3));
  // What a section says comes after, and above, what is said for all sections.
  const attribute = (name: string) => values(name).at(-1);
  const ufrag = attribute('ice-ufrag') ?? '';
  const pwd = attribute('ice-pwd') ?? '';
  const setup = attribute('setup');
  // A certificate may be named by several hashes. Two by the same: whose would the browser believe?
  const [fingerprint, another] = new Set(values('fingerprint').flatMap((value) => FINGERPRINT.exec(value.toLowerCase())?.[1] ?? []));
  if (!ICE_UFRAG.test(ufrag) || !ICE_PWD.test(pwd) || fingerprint === undefined || another !== undefined) return undefined;
  if (setup !== 'actpass' && setup !== 'active' && setup !== 'passive') return undefined;
  const sections = lines.filter((line) => line.startsWith('m=')).length;
  if (sections > 1 || (attribute('mid') ?? '0') !== '0' || (attribute('sctp-port') ?? '5000') !== '5000') return undefined;
  const candidates = lines.flatMap((line) => parseCandidate(line) ?? []);
  return { ufrag, pwd, setup, fingerprint: fingerprint.replaceAll(':', ''), candidates: spread(candidates) };
}

/** A description that browsers take. */
export function writeDescription({ ufrag, pwd, fingerprint, setup, candidates }: Transport): string {
  const lines = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...candidates.map((candidate, i) => `a=${writeCandidate(candidate, i, 0)}`),
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:sha-256 ${fingerprint.toUpperCase().replace(/(..)(?!$)/g, '$1:')}`,
    `a=setup:${setup}`,
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function parseCandidate(line: string): Candidate | undefined {
  const [, , transport, , address, portText, , origin] = line.startsWith('a=candidate:')
    ? line.split(' ').map((part, i) => (i === 0 ? '' : part))
    : [];
  const port = Number(portText);
  if (transport?.toLowerCase() !== 'udp' || address === undefined || !isAddress(address.toLowerCase())) return undefined;
  if (origin !== 'host' && origin !== 'srflx' && origin !== 'relay') return undefined;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { origin, address: address.toLowerCase(), port } : undefined;
}

/** One of each origin first, so that a device with many interfaces does not fill the code with those. */
function spread(candidates: readonly Candidate[]): Candidate[] {
  const firsts = ['host', 'srflx', 'relay'].flatMap((origin) => candidates.find((candidate) => candidate.origin === origin) ?? []);
  return [...firsts, ...candidates.filter((candidate) => !firsts.includes(candidate))];
}

/** Its candidates once more, one by one (RFC 8838). The `round` makes them new to a browser that has given up on those it had. */
export const writeCandidates = ({ candidates }: Transport, round: number): string[] =>
  candidates.map((candidate, i) => writeCandidate(candidate, i, round));

function writeCandidate({ origin, address, port }: Candidate, i: number, round: number): string {
  const priority = PREFERENCE[origin] * 2 ** 24 + (65_535 - i) * 256 + 255;
  const related = origin === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
  return `candidate:${1_000 * round + i + 1} 1 udp ${priority} ${address} ${port} typ ${origin}${related}`;
}
