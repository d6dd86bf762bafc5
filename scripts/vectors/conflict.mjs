/** Vectors of conflicts: votes, double-spend proofs, and what a node does with two sides. Verdicts are written by hand. */
import { locator, makeFile, person, sha256, txid, workHash, zeroBits } from './oracle.mjs';
import { madeUpLocator } from './transaction.mjs';

const alice = person('alice');
const bob = person('bob');
const TIME = 1_700_000_000_000;

/** @param {string} name a made-up txid */
const madeUp = (name) => madeUpLocator(name).slice(41);

export function voteVectors() {
  const genesis = madeUp('genesis');
  const side = madeUp('side');
  /** @param {string} id */
  const coreFor = (id) => sha256(Buffer.concat([Buffer.from('ttx/1/vote\n'), Buffer.from(genesis, 'hex'), Buffer.from(id, 'hex')]));
  const core = coreFor(side);
  /** @param {string} name @param {number} nonce @param {Buffer} [on] @param {string} [id] */
  const made = (name, nonce, on = core, id = side) => ({
    name,
    genesis,
    txid: id,
    core: on.toString('hex'),
    nonce,
    bits: zeroBits(workHash(on, nonce)),
  });
  /** The first nonce with exactly so many bits. @param {number} bits */
  const search = (bits) => {
    let nonce = 1_000_000_000_000_000;
    while (zeroBits(workHash(core, nonce)) !== bits) nonce++;
    return nonce;
  };
  const other = madeUp('other side');
  return {
    description:
      'Work votes: SHA-256(core, then nonce as 8 big-endian bytes), core = SHA-256("ttx/1/vote\\n", genesis, txid). weight = 2^bits.',
    valid: [
      made('vote-0-bits', search(0)),
      made('vote-9-bits', search(9)),
      made('vote-12-bits', search(12)),
      made('vote-nonce-greatest', Number.MAX_SAFE_INTEGER),
      made('vote-other-side', search(12), coreFor(other), other),
    ],
  };
}

/** @param {{ [field: string]: import('./oracle.mjs').Json }} fields @param {import('./oracle.mjs').Person} [from] */
const file = (fields, from = alice) =>
  makeFile({ v: 1, time: TIME, to: bob.address, tokens: 5, key: from.key, prev: [madeUpLocator('coin')], ref: [], ...fields }, from);

/** @param {string} name @param {string} description @param {{ text: string, bytes: Buffer }} one @param {{ text: string, bytes: Buffer }} other */
const pair = (name, description, one, other) => ({ name, description, files: [one.text, other.text] });

export function doubleSpendVectors() {
  const first = file({});
  const second = file({ tokens: 6 });
  const merge = file({ prev: [madeUpLocator('coin'), madeUpLocator('more')].sort() });
  const elsewhere = file({ prev: [madeUpLocator('another coin')] });
  const ofBob = file({ time: TIME + 1 }, bob);
  const sameTxid = `${'0'.repeat(40)}:${madeUp('coin')}`;
  const forged = Buffer.from(second.text.replace('"tokens":6', '"tokens":7'));
  const common = [madeUp('coin')];
  return {
    description: 'Double-spend proofs: two files. valid: by whom, and which transactions are spent twice. invalid: with the error.',
    valid: [
      { ...pair('payments', 'two payments with one coin', first, second), key: alice.key, spentTwice: common },
      { ...pair('either-order', 'the order of the files says nothing', second, first), key: alice.key, spentTwice: common },
      { ...pair('overlap', 'one coin in common is enough', first, merge), key: alice.key, spentTwice: common },
    ],
    invalid: [
      { ...pair('one-file', 'the same file twice', first, first), error: 'double-spend' },
      { ...pair('other-coin', 'no coin in common', first, elsewhere), error: 'double-spend' },
      { ...pair('two-keys', 'payee and payer each spend their own coin', first, ofBob), error: 'double-spend' },
      {
        ...pair('two-infohashes', 'one txid under two infohashes: one of the files is not valid', first, file({ prev: [sameTxid] })),
        error: 'double-spend',
      },
      { ...pair('forged', 'the second is not signed by the key', first, { text: forged.toString(), bytes: forged }), error: 'signature' },
    ],
    ids: { first: txid(first.bytes), locator: locator(first.bytes) },
  };
}

export function contestVectors() {
  /** @typedef {{ ours?: number, rival?: number, ourHolders?: number, rivalHolders?: number, reporting?: number, ageMs?: number, marginMs?: number, smaller?: 'ours' | 'rival', stage?: string, ourSettled?: number, rivalSettled?: number, isLate?: boolean, heaviest?: number }} Facts */
  /** @param {string} name @param {string} description @param {boolean} beaten @param {Facts} facts */
  const verdict = (name, description, beaten, facts) => ({
    name,
    description,
    beaten,
    stage: 'contested',
    smaller: 'rival',
    ours: 1,
    rival: 1,
    ourHolders: 4,
    rivalHolders: 4,
    reporting: 8,
    ourSettled: 0,
    rivalSettled: 0,
    ageMs: 0,
    marginMs: 0,
    isLate: false,
    heaviest: Math.max(facts.ours ?? 1, facts.rival ?? 1),
    ...facts,
  });
  const late = { marginMs: 8_500 };
  return {
    description:
      'What a node does: stage of its own transaction, weights (heaviest: of all sides), peers that hold either, those to whom it has settled, peers that reported, how long two sides are known, by how much its own came first, whether both came just after a gap, whose txid is smaller; and whether it goes over.',
    verdicts: [
      verdict('equal-smaller', 'equal weights: the smaller txid', true, {}),
      verdict('equal-greater', 'equal weights: the greater txid', false, { smaller: 'ours' }),
      verdict('twice', 'twice the weight is not more than twice', false, { smaller: 'ours', rival: 2 }),
      verdict('more-than-twice', 'more than twice the weight', true, { smaller: 'ours', rival: 201, ours: 100 }),
      verdict('ours-more-than-twice', 'more than twice the weight of ours', false, { rival: 100, ours: 201 }),
      verdict('patience', 'after 4 s it takes more than four times', false, { smaller: 'ours', rival: 4, ageMs: 4_000 }),
      verdict('patience-over', 'more than four times after 4 s', true, { smaller: 'ours', rival: 5, ageMs: 4_000 }),
      verdict('patience-8', 'eight times after 8 s is not enough', false, { smaller: 'ours', rival: 8, ageMs: 8_000 }),
      verdict('both-out', 'a third side is more than twice as heavy as both: the smaller txid', true, { ours: 5, rival: 2, heaviest: 11 }),
      verdict('ours-out', 'a third side is more than twice as heavy as ours, and not as the rival', true, {
        smaller: 'ours',
        ours: 5,
        rival: 6,
        heaviest: 11,
      }),
      verdict('race-held-by-all', 'all peers hold ours', false, { ourHolders: 8, rivalHolders: 0 }),
      verdict('race-held-by-9-of-10', 'nine of ten peers hold ours: not more than nine', true, {
        ourHolders: 9,
        rivalHolders: 1,
        reporting: 10,
      }),
      verdict('short-partition', 'ours came 6 s before, and half of the peers hold it', true, { marginMs: 6_000 }),
      verdict('late-held-by-one', 'ours came 8.5 s before, and a peer in eight holds it', false, {
        ...late,
        ourHolders: 1,
        rivalHolders: 7,
      }),
      verdict('late-held-by-1-of-10', 'ours came 8.5 s before, and one peer in ten holds it', true, {
        ...late,
        ourHolders: 1,
        rivalHolders: 9,
        reporting: 10,
      }),
      verdict('between', 'ours came 7.75 s before: half of the peers are not enough', true, { marginMs: 7_750 }),
      verdict('between-more', 'ours came 7.75 s before: five of eight peers are', false, {
        marginMs: 7_750,
        ourHolders: 5,
        rivalHolders: 3,
      }),
      verdict('against-leaning', 'nearly all peers hold the rival', true, { smaller: 'ours', ourHolders: 0, rivalHolders: 8 }),
      verdict('not-there', 'both came just after a gap, and the rival has settled at most peers', true, {
        isLate: true,
        smaller: 'ours',
        ours: 1_000_000,
        ourHolders: 3,
        rivalHolders: 5,
        ourSettled: 3,
        rivalSettled: 5,
      }),
      verdict('not-there-ours', 'both came just after a gap, and ours has settled at most peers', false, {
        isLate: true,
        rival: 1_000_000,
        ourHolders: 5,
        rivalHolders: 3,
        ourSettled: 5,
      }),
      verdict('not-there-ours-some', 'both came just after a gap, and ours has settled at three peers, the rival at two', false, {
        isLate: true,
        rival: 1_000_000,
        ourSettled: 3,
        rivalSettled: 2,
      }),
      verdict('not-there-half', 'both came just after a gap, and the rival has settled at half of the peers: not most', false, {
        isLate: true,
        smaller: 'ours',
        ours: 1_000_000,
        rivalSettled: 4,
      }),
      verdict(
        'not-there-two',
        'both came just after a gap, and the rival has settled at two of three peers: too few to be believed',
        false,
        {
          isLate: true,
          smaller: 'ours',
          ourHolders: 1,
          rivalHolders: 2,
          reporting: 3,
          rivalSettled: 2,
        },
      ),
      verdict('not-there-three', 'both came just after a gap, and the rival has settled at three of five peers', true, {
        isLate: true,
        smaller: 'ours',
        ourHolders: 2,
        rivalHolders: 3,
        reporting: 5,
        rivalSettled: 3,
      }),
      verdict('not-there-equal', 'both came just after a gap, and equally many have settled on either: the clearly heavier', true, {
        isLate: true,
        smaller: 'ours',
        rival: 3,
        ourSettled: 4,
        rivalSettled: 4,
      }),
      verdict('there', 'only who was not there believes what others have settled on', false, { smaller: 'ours', rivalSettled: 4 }),
      verdict('nobody-asked', 'no peer has said anything', false, { ourHolders: 0, rivalHolders: 0, reporting: 0 }),
      verdict('settled-late-heavy', 'settled, and a heavier rival that nobody holds', false, {
        stage: 'settled',
        rival: 1_000_000,
        ourHolders: 8,
        rivalHolders: 0,
      }),
      verdict('settled-light', 'settled, and all peers hold a rival of twice the weight', false, {
        stage: 'settled',
        rival: 2,
        ourHolders: 0,
        rivalHolders: 8,
      }),
      verdict('settled-left', 'settled, and all peers hold a heavier rival', true, {
        stage: 'settled',
        rival: 3,
        ourHolders: 0,
        rivalHolders: 8,
      }),
      verdict('settled-two-peers', 'settled, and two peers are all there are', false, {
        stage: 'settled',
        rival: 3,
        ourHolders: 0,
        rivalHolders: 2,
        reporting: 2,
      }),
    ],
  };
}
