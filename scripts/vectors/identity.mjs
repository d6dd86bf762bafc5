/** Vectors of peer ids and of the proofs that go with them. */
import { keyOfSeed, person, sha256, signBytes } from './oracle.mjs';

/** @typedef {{ infohash: string, from: string, to: string, fromFingerprint: string | null, toFingerprint: string | null }} Introduced */

/** @param {string} key */
const peerIdOf = (key) => Buffer.from('-Tx0100-').toString('hex') + sha256(Buffer.from(key, 'hex')).subarray(0, 12).toString('hex');

/** @param {Introduced} introduced */
function message({ infohash, from, to, fromFingerprint, toFingerprint }) {
  const none = '00'.repeat(32);
  const ids = Buffer.from(infohash + from + to + (fromFingerprint ?? none) + (toFingerprint ?? none), 'hex');
  return Buffer.concat([Buffer.from('ttx/1/peer\n'), ids]);
}

export function identityVectors() {
  const [alice, bob] = [person('alice'), person('bob')];
  const introduced = {
    infohash: '11'.repeat(20),
    from: peerIdOf(alice.key),
    to: peerIdOf(bob.key),
    fromFingerprint: 'aa'.repeat(32),
    toFingerprint: 'bb'.repeat(32),
  };
  /** @param {Introduced} of @param {string} seed */
  const prove = (of, seed) => keyOfSeed(seed) + signBytes(message(of), seed);
  /** @param {string} name @param {string} description @param {Introduced} of */
  const good = (name, description, of) => ({ name, description, seed: alice.seed, ...of, proof: prove(of, alice.seed) });
  /** @param {string} name @param {string} description @param {Partial<Introduced>} changes @param {string} [proof] */
  const bad = (name, description, changes, proof = prove(introduced, alice.seed)) => ({
    name,
    description,
    ...introduced,
    ...changes,
    proof,
  });
  const smallKey = `01${'00'.repeat(31)}`;
  return {
    description:
      'Peer ids and proofs (docs/protocol.md, Identity). valid: the ed25519 seed of `from`, the connection, and the proof it gives. invalid: connections for which the proof must be refused.',
    valid: [
      good('webrtc', 'a connection over WebRTC', introduced),
      good('without-certificates', 'a connection of another kind', { ...introduced, fromFingerprint: null, toFingerprint: null }),
    ],
    invalid: [
      bad('other-id', 'a peer id that is not of this key', { from: peerIdOf(bob.key) }),
      bad('prefix', 'a peer id that begins otherwise', { from: Buffer.from('-WW0201-').toString('hex') + introduced.from.slice(16) }),
      bad('other-key', 'the key of another peer, who signed it', {}, prove(introduced, bob.seed)),
      bad('to-another', 'a proof given to another peer', { to: '22'.repeat(20) }),
      bad('other-torrent', 'a proof given in another swarm', { infohash: '12'.repeat(20) }),
      bad('between', 'a proof passed on over other certificates', { fromFingerprint: 'cc'.repeat(32) }),
      bad('turned-round', 'the own proof sent back', { from: introduced.to, to: introduced.from }),
      bad('small-order', 'a key for which anybody can sign', { from: peerIdOf(smallKey) }, `${smallKey}01${'00'.repeat(63)}`),
      bad('short', 'a proof that is a byte short', {}, prove(introduced, alice.seed).slice(2)),
      bad('nothing', 'no proof', {}, ''),
    ],
  };
}
