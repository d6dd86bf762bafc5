/** Vectors of decisions: files in the order in which they arrive, and the outcome of each. Outcomes, rewards and charges are written by hand. */
import { addressOf, locator, makeFile, person, txid } from './oracle.mjs';
import { madeUpLocator, NETWORK } from './transaction.mjs';

/** @typedef {import('./oracle.mjs').Json} Json */
/** @typedef {import('./oracle.mjs').Person} Person */
/** @typedef {ReturnType<typeof makeFile> & { txid: string, locator: string, from: Person }} File */
/** @typedef {{ in: bigint, reward?: bigint, charge?: bigint, trail: number[] }} Effect what the spent coins held, what work did, the trail */

const alice = person('alice');
const bob = person('bob');
const carol = person('carol');
const TIME = 1_700_000_000_000;
const TOKENS = 1_000_000_000_000_000;
/** Work bits of every file unless said otherwise, so that work neither earns nor costs. */
const BITS = 4;
const PER_BIT = 100_000n;

/** @param {ReturnType<typeof makeFile>} made @param {Person} from @returns {File} */
const named = (made, from) => ({ ...made, txid: txid(made.bytes), locator: locator(made.bytes), from });

/** @param {Partial<typeof NETWORK>} [parameters] @param {{ tokens?: number, time?: number, bits?: number }} [options] */
function foundNetwork(parameters = {}, { tokens = TOKENS, time = TIME, bits = BITS } = {}) {
  const network = { ...NETWORK, ...parameters };
  return named(
    makeFile({ v: 1, time, to: alice.address, tokens, key: alice.key, prev: null, ref: [], modules: { network } }, alice, bits),
    alice,
  );
}

/**
 * @param {Person} from @param {string} to @param {number | bigint} tokens @param {(File | string)[]} prev
 * @param {{ bits?: number, time?: number, ref?: string[] }} [options]
 */
function pay(from, to, tokens, prev, { bits = BITS, time = TIME, ref = [] } = {}) {
  const parents = prev.map((parent) => (typeof parent === 'string' ? parent : parent.locator)).sort();
  return named(makeFile({ v: 1, time, to, tokens: Number(tokens), key: from.key, prev: parents, ref }, from, bits), from);
}

/** Pays all that is left after the burn, plus `more`. @param {Person} from @param {string} to @param {bigint} held @param {File[]} prev @param {bigint} [more] */
function payAll(from, to, held, prev, more = 0n) {
  let tokens = held;
  for (let i = 0; i < 5; i++) tokens = held - burnOf(pay(from, to, tokens, prev)) + more;
  return pay(from, to, tokens, prev);
}

/** @param {File} file */
const burnOf = (file) => BigInt(file.bytes.length) * 1000n;

/** @param {File} file @param {Effect} effect */
function amounts(file, { in: held, reward = 0n, charge = 0n, trail }) {
  const change = held + reward - BigInt(Number(file.transaction.tokens)) - burnOf(file) - charge;
  if (change < 0n) throw new Error(`the coins do not cover ${file.txid}`);
  return { burn: String(burnOf(file)), reward: String(reward), charge: String(charge), change: String(change), trail };
}

/** @param {File} file */
const founded = (file, bits = BITS) => ({
  text: file.text,
  txid: file.txid,
  kind: 'accepted',
  burn: '0',
  reward: '0',
  charge: '0',
  change: '0',
  trail: [bits],
});
/** @param {File} file @param {Effect} effect */
const accepted = (file, effect) => ({ text: file.text, txid: file.txid, kind: 'accepted', ...amounts(file, effect) });
/** @param {File} file @param {File[]} winners @param {Effect} effect */
const conflicted = (file, winners, effect) => ({
  text: file.text,
  txid: file.txid,
  kind: 'conflicted',
  winners: winners.map((w) => w.txid).sort(),
  ...amounts(file, effect),
});
/** @param {File} file @param {(File | string)[]} missing */
const pending = (file, missing) => ({
  text: file.text,
  txid: file.txid,
  kind: 'pending',
  missing: missing.map((m) => (typeof m === 'string' ? m : m.locator)).sort(),
});
/** @param {File} file @param {string} code */
const rejected = (file, code) => ({ text: file.text, txid: file.txid, kind: 'rejected', code });

/** @param {File} file @param {Effect} effect */
const left = (file, effect) => BigInt(amounts(file, effect).change);

/** @param {string} name @param {string} description @param {File} genesis @param {object[]} steps @param {[File, Person, bigint][]} coins all that is unspent in the end */
function scenario(name, description, genesis, steps, coins) {
  return {
    name,
    description,
    genesis: genesis.text,
    steps,
    coins: coins.map(([file, owner, amount]) => ({ coin: `${file.txid}/${owner.address}`, amount: String(amount) })),
    supply: String(coins.reduce((sum, [, , amount]) => sum + amount, 0n)),
  };
}

const ALL = BigInt(TOKENS);
const FLAT = (/** @type {number} */ n) => Array.from({ length: n }, () => BITS);

function payments() {
  const genesis = foundNetwork();
  const a = pay(alice, bob.address, 5_000_000, [genesis]);
  const aEffect = { in: ALL, trail: FLAT(2) };
  const b = pay(bob, carol.address, 1_000_000, [a]);
  const bEffect = { in: 5_000_000n, trail: FLAT(3) };
  const c = pay(alice, carol.address, 2_000_000, [a]);
  const cEffect = { in: left(a, aEffect), trail: FLAT(3) };
  const merge = pay(carol, bob.address, 1_500_000, [b, c]);
  const mergeEffect = { in: 3_000_000n, trail: FLAT(4) };
  const self = pay(alice, alice.address, 7, [genesis]);
  const selfEffect = { in: ALL, trail: FLAT(2) };
  const selfAll = left(self, selfEffect) + 7n;
  const again = pay(alice, bob.address, 8, [self]);
  const againEffect = { in: selfAll, trail: FLAT(3) };
  const nothing = pay(alice, bob.address, 0, [genesis]);
  const nothingEffect = { in: ALL, trail: FLAT(2) };
  const everything = payAll(alice, bob.address, ALL, [genesis]);
  const everythingEffect = { in: ALL, trail: FLAT(2) };
  const tooMuch = payAll(alice, bob.address, ALL, [genesis], 1n);
  const vouched = pay(alice, bob.address, 5, [genesis], { ref: [madeUpLocator('unknown').slice(41)] });
  const vouchedEffect = { in: ALL, trail: FLAT(2) };
  return [
    scenario(
      'genesis',
      'the genesis makes one coin of its tokens, without burn or change',
      genesis,
      [founded(genesis)],
      [[genesis, alice, ALL]],
    ),
    scenario(
      'payment',
      'a payment makes a coin and change',
      genesis,
      [founded(genesis), accepted(a, aEffect)],
      [
        [a, bob, 5_000_000n],
        [a, alice, left(a, aEffect)],
      ],
    ),
    scenario(
      'two-owners',
      'payee and payer each spend their coin of one transaction: no conflict',
      genesis,
      [founded(genesis), accepted(a, aEffect), accepted(b, bEffect), accepted(c, cEffect)],
      [
        [b, carol, 1_000_000n],
        [b, bob, left(b, bEffect)],
        [c, carol, 2_000_000n],
        [c, alice, left(c, cEffect)],
      ],
    ),
    scenario(
      'merge',
      'two coins of one owner are spent by one transaction',
      genesis,
      [founded(genesis), accepted(a, aEffect), accepted(b, bEffect), accepted(c, cEffect), accepted(merge, mergeEffect)],
      [
        [b, bob, left(b, bEffect)],
        [c, alice, left(c, cEffect)],
        [merge, bob, 1_500_000n],
        [merge, carol, left(merge, mergeEffect)],
      ],
    ),
    scenario(
      'to-self',
      'a payment to oneself makes one coin of tokens and change, which is spent whole',
      genesis,
      [founded(genesis), accepted(self, selfEffect), accepted(again, againEffect)],
      [
        [again, bob, 8n],
        [again, alice, left(again, againEffect)],
      ],
    ),
    scenario(
      'tokens-zero',
      'a transaction that pays nothing makes change only: its receiver owns no coin',
      genesis,
      [founded(genesis), accepted(nothing, nothingEffect), rejected(pay(bob, carol.address, 0, [nothing]), 'no-coin')],
      [[nothing, alice, left(nothing, nothingEffect)]],
    ),
    scenario(
      'change-zero',
      'a transaction that pays all makes no change: its sender owns no coin',
      genesis,
      [founded(genesis), accepted(everything, everythingEffect), rejected(pay(alice, bob.address, 0, [everything]), 'no-coin')],
      [[everything, bob, BigInt(Number(everything.transaction.tokens))]],
    ),
    scenario(
      'insufficient-by-one',
      'one base unit more than the coins cover',
      genesis,
      [founded(genesis), rejected(tooMuch, 'insufficient')],
      [[genesis, alice, ALL]],
    ),
    scenario(
      'ref-unknown',
      'a ref to something unknown is not awaited',
      genesis,
      [founded(genesis), accepted(vouched, vouchedEffect)],
      [
        [vouched, bob, 5n],
        [vouched, alice, left(vouched, vouchedEffect)],
      ],
    ),
  ];
}

function refusals() {
  const genesis = foundNetwork();
  const all = /** @type {[File, Person, bigint][]} */ ([[genesis, alice, ALL]]);
  const good = pay(alice, bob.address, 1, [genesis]);
  const goodEffect = { in: ALL, trail: FLAT(2) };
  const afterGood = /** @type {[File, Person, bigint][]} */ ([
    [good, bob, 1n],
    [good, alice, left(good, goodEffect)],
  ]);
  /** @param {File} file @param {{ [field: string]: Json }} changes */
  const tampered = (file, changes) => {
    const transaction = { ...file.transaction, ...changes };
    const text = JSON.stringify(transaction, Object.keys(transaction).sort());
    return named({ transaction, text, bytes: Buffer.from(text) }, file.from);
  };
  const unsigned = tampered(good, { tokens: 2 });
  const small = tampered(good, { key: `01${'00'.repeat(31)}`, signature: `01${'00'.repeat(63)}` });
  const foreign = pay(alice, addressOf(bob.key, 'other'), 1, [genesis]);
  const stolen = pay(carol, carol.address, 1, [genesis]);
  const child = pay(carol, bob.address, 1, [stolen]);
  const childOfTwo = pay(carol, bob.address, 1, [stolen, madeUpLocator('missing')]);
  const missing = pay(alice, bob.address, 1, [good]);
  const missingEffect = { in: left(good, goodEffect), trail: FLAT(3) };
  const two = [madeUpLocator('one'), madeUpLocator('two')];
  const wrong = `${'0'.repeat(40)}:${good.txid}`;
  const lying = pay(alice, bob.address, 1, [wrong]);
  return [
    scenario(
      'wrong-network-genesis',
      'another genesis',
      genesis,
      [founded(genesis), rejected(foundNetwork({}, { time: TIME + 1 }), 'wrong-network')],
      all,
    ),
    scenario(
      'wrong-network-prefix',
      'an address with the prefix of another network',
      genesis,
      [founded(genesis), rejected(foreign, 'wrong-network')],
      all,
    ),
    scenario(
      'wrong-network-unsigned',
      'the network is checked before the signature',
      genesis,
      [founded(genesis), rejected(tampered(foreign, { tokens: 2 }), 'wrong-network')],
      all,
    ),
    scenario(
      'signature',
      'an amount changed after signing; the true file still counts',
      genesis,
      [founded(genesis), rejected(unsigned, 'signature'), accepted(good, goodEffect)],
      afterGood,
    ),
    scenario('key', 'a key of small order with a signature that verifies', genesis, [founded(genesis), rejected(small, 'key')], all),
    scenario(
      'signature-before-parents',
      'the signature is checked before missing parents',
      genesis,
      [founded(genesis), rejected(tampered(pay(alice, bob.address, 1, two), { tokens: 2 }), 'signature')],
      all,
    ),
    scenario('no-coin', 'a sender who owns no coin in a listed transaction', genesis, [founded(genesis), rejected(stolen, 'no-coin')], all),
    scenario(
      'no-coin-of-two',
      'a sender who owns a coin in only one of the listed transactions',
      genesis,
      [founded(genesis), accepted(good, goodEffect), rejected(pay(bob, carol.address, 0, [good, genesis]), 'no-coin')],
      afterGood,
    ),
    scenario(
      'parent-rejected',
      'a child of a rejected transaction',
      genesis,
      [founded(genesis), rejected(stolen, 'no-coin'), rejected(child, 'parent-rejected')],
      all,
    ),
    scenario(
      'parent-rejected-before-missing',
      'a rejected parent decides, though another is missing',
      genesis,
      [founded(genesis), rejected(stolen, 'no-coin'), rejected(childOfTwo, 'parent-rejected')],
      all,
    ),
    scenario(
      'pending',
      'a missing parent is named; the transaction is accepted when it has come',
      genesis,
      [founded(genesis), pending(missing, [good]), accepted(good, goodEffect), accepted(missing, missingEffect)],
      [
        [good, bob, 1n],
        [missing, bob, 1n],
        [missing, alice, left(missing, missingEffect)],
      ],
    ),
    scenario(
      'pending-without-genesis',
      'without its genesis even a payment of the first coin is pending',
      genesis,
      [pending(good, [genesis])],
      [],
    ),
    scenario(
      'pending-two',
      'only those of the parents that are missing are named',
      genesis,
      [founded(genesis), pending(pay(alice, bob.address, 1, [genesis, ...two]), two)],
      all,
    ),
    scenario(
      'locator',
      'a known transaction named with another infohash',
      genesis,
      [founded(genesis), accepted(good, goodEffect), rejected(lying, 'locator')],
      afterGood,
    ),
    scenario(
      'locator-later',
      'an unknown transaction named with a wrong infohash: pending, then rejected',
      genesis,
      [founded(genesis), pending(lying, [wrong]), accepted(good, goodEffect), rejected(lying, 'locator')],
      afterGood,
    ),
    scenario(
      'locator-before-missing',
      'a wrong infohash decides, though another parent is missing',
      genesis,
      [founded(genesis), rejected(pay(alice, bob.address, 1, [`${'0'.repeat(40)}:${genesis.txid}`, madeUpLocator('missing')]), 'locator')],
      all,
    ),
  ];
}

function conflicts() {
  const genesis = foundNetwork();
  const first = pay(alice, bob.address, 1_000_000, [genesis]);
  const second = pay(alice, carol.address, 2_000_000, [genesis]);
  const flat = { in: ALL, trail: FLAT(2) };
  const won = /** @type {[File, Person, bigint][]} */ ([
    [first, bob, 1_000_000n],
    [first, alice, left(first, flat)],
  ]);
  const child = pay(carol, bob.address, 1_000_000, [second]);
  const childEffect = { in: 2_000_000n, trail: FLAT(3) };
  const grandchild = pay(bob, alice.address, 10, [child]);
  const grandchildEffect = { in: 1_000_000n, trail: FLAT(4) };
  const poor = pay(carol, bob.address, 2_000_000, [second]);
  const greedy = pay(alice, carol.address, ALL, [genesis]);
  const stranger = pay(carol, carol.address, 1, [second, genesis]);
  const split = pay(alice, bob.address, 300_000_000_000, [genesis]);
  const bobs = pay(bob, alice.address, 100_000_000_000, [split]);
  const bobsEffect = { in: 300_000_000_000n, trail: FLAT(3) };
  const x = pay(alice, carol.address, 1, [split]);
  const xEffect = { in: left(split, flat), trail: FLAT(3) };
  const y = pay(alice, carol.address, 2, [bobs]);
  const yEffect = { in: 100_000_000_000n, trail: FLAT(4) };
  const both = pay(alice, bob.address, 3, [split, bobs]);
  // Equal means: the branch goes through the smaller txid, and so the trail is shorter or longer.
  const bothEffect = { in: left(split, flat) + 100_000_000_000n, trail: FLAT(split.txid < bobs.txid ? 3 : 4) };
  const waiting = pay(alice, bob.address, 3, [genesis, madeUpLocator('never comes')]);
  const late = pay(alice, bob.address, 3, [split, bobs]);
  return [
    scenario(
      'conflict',
      'the second transaction that spends a coin is conflicted and names the first',
      genesis,
      [founded(genesis), accepted(first, flat), conflicted(second, [first], flat)],
      won,
    ),
    scenario(
      'conflict-other-order',
      'the same two files the other way round',
      genesis,
      [founded(genesis), accepted(second, flat), conflicted(first, [second], flat)],
      [
        [second, carol, 2_000_000n],
        [second, alice, left(second, flat)],
      ],
    ),
    scenario(
      'conflict-descendants',
      'what builds on a conflicted transaction is conflicted, and names the same winner',
      genesis,
      [
        founded(genesis),
        accepted(first, flat),
        conflicted(second, [first], flat),
        conflicted(child, [first], childEffect),
        conflicted(grandchild, [first], grandchildEffect),
      ],
      won,
    ),
    scenario(
      'conflict-two-winners',
      'a transaction whose two coins were spent by two others names both',
      genesis,
      [
        founded(genesis),
        accepted(split, flat),
        accepted(bobs, bobsEffect),
        accepted(x, xEffect),
        accepted(y, yEffect),
        conflicted(both, [x, y], bothEffect),
      ],
      [
        [bobs, bob, left(bobs, bobsEffect)],
        [x, carol, 1n],
        [x, alice, left(x, xEffect)],
        [y, carol, 2n],
        [y, alice, left(y, yEffect)],
      ],
    ),
    scenario(
      'conflict-partly',
      'one of two coins was spent: conflicted as a whole, the other coin stays unspent',
      genesis,
      [founded(genesis), accepted(split, flat), accepted(bobs, bobsEffect), accepted(x, xEffect), conflicted(both, [x], bothEffect)],
      [
        [bobs, bob, left(bobs, bobsEffect)],
        [bobs, alice, 100_000_000_000n],
        [x, carol, 1n],
        [x, alice, left(x, xEffect)],
      ],
    ),
    scenario(
      'conflict-unpayable',
      'a rival that its coins do not cover is rejected, not conflicted',
      genesis,
      [founded(genesis), accepted(first, flat), rejected(greedy, 'insufficient')],
      won,
    ),
    scenario(
      'conflict-child-unpayable',
      'a child of a conflicted transaction is rejected if its coins do not cover it',
      genesis,
      [founded(genesis), accepted(first, flat), conflicted(second, [first], flat), rejected(poor, 'insufficient')],
      won,
    ),
    scenario(
      'conflict-child-no-coin',
      'a child of a conflicted transaction is rejected if its sender owns no coin',
      genesis,
      [founded(genesis), accepted(first, flat), conflicted(second, [first], flat), rejected(stranger, 'no-coin')],
      won,
    ),
    scenario(
      'conflict-pending-not-counted',
      'a pending transaction holds no coin: it loses to one that is accepted meanwhile',
      genesis,
      [founded(genesis), pending(waiting, [madeUpLocator('never comes')]), accepted(first, flat)],
      won,
    ),
    scenario(
      'conflict-after-pending',
      'a pending transaction whose coin was spent meanwhile is conflicted when its parents have come',
      genesis,
      [
        founded(genesis),
        accepted(split, flat),
        pending(late, [bobs]),
        accepted(x, xEffect),
        accepted(bobs, bobsEffect),
        conflicted(late, [x], bothEffect),
      ],
      [
        [bobs, bob, left(bobs, bobsEffect)],
        [bobs, alice, 100_000_000_000n],
        [x, carol, 1n],
        [x, alice, left(x, xEffect)],
      ],
    ),
  ];
}

function work() {
  const genesis = foundNetwork();
  const better = pay(alice, bob.address, 3_000_000, [genesis], { bits: 8 });
  const betterEffect = { in: ALL, reward: 4n * PER_BIT, trail: [4, 8] };
  const worse = pay(bob, alice.address, 1, [better], { bits: 5 });
  // 2 × 5 − (4 + 8) = −2, and −2 ÷ 2 is one bit too few.
  const worseEffect = { in: 3_000_000n, charge: PER_BIT, trail: [4, 8, 5] };
  const free = pay(alice, bob.address, 1_000_000, [genesis], { bits: 14 });
  const freeEffect = { in: ALL, reward: burnOf(free), trail: [4, 14] };
  const fine = pay(alice, bob.address, 1, [free], { bits: 0 });
  const fineEffect = { in: left(free, freeEffect), charge: burnOf(fine), trail: [4, 14, 0] };
  const third = pay(alice, bob.address, 1, [worse, better], { bits: 7 });
  // Parents: means 17/3 of `worse` and 6 of `better`; the branch goes through `better`: 2 × 7 − 12 = 2, so one bit.
  const thirdEffect = { in: 1n + left(better, betterEffect), reward: PER_BIT, trail: [4, 8, 7] };
  // 3 × 7 − (4 + 8 + 5) = 4: a third of 400,000, rounded down.
  const onWorse = pay(bob, carol.address, 1, [worse], { bits: 7 });
  const onWorseEffect = { in: left(worse, worseEffect), reward: 133_333n, trail: [4, 8, 5, 7] };
  const under = pay(bob, carol.address, 1, [worse], { bits: 5 });
  // 3 × 5 − 17 = −2: two thirds of 100,000, rounded up.
  const underEffect = { in: left(worse, worseEffect), charge: 66_667n, trail: [4, 8, 5, 5] };
  const minting = foundNetwork({ maxGain: 300_000 });
  const minted = pay(alice, bob.address, 1_000_000, [minting], { bits: 14 });
  const mintedEffect = { in: ALL, reward: burnOf(minted) + 300_000n, trail: [4, 14] };
  const rich = foundNetwork({ maxGain: 2 ** 40, workReward: 2 ** 40 }, { tokens: Number.MAX_SAFE_INTEGER });
  const beyond = pay(alice, bob.address, 1, [rich], { bits: 6 });
  const beyondEffect = { in: BigInt(Number.MAX_SAFE_INTEGER), reward: burnOf(beyond) + 2n ** 40n, trail: [4, 6] };
  const spent = pay(alice, bob.address, Number.MAX_SAFE_INTEGER, [beyond], { bits: 5 });
  const spentEffect = { in: left(beyond, beyondEffect), trail: [4, 6, 5] };
  let chain = genesis;
  let held = ALL;
  const steps = [founded(genesis)];
  for (let i = 1; i <= 5; i++) {
    chain = pay(alice, alice.address, 0, [chain]);
    const effect = { in: held, trail: FLAT(Math.min(i + 1, 5)) };
    steps.push(accepted(chain, effect));
    held = left(chain, effect);
  }
  return [
    scenario(
      'work-reward',
      'more work than the branch earns',
      genesis,
      [founded(genesis), accepted(better, betterEffect)],
      [
        [better, bob, 3_000_000n],
        [better, alice, left(better, betterEffect)],
      ],
    ),
    scenario(
      'work-charge',
      'less work than the branch costs',
      genesis,
      [founded(genesis), accepted(better, betterEffect), accepted(worse, worseEffect)],
      [
        [better, alice, left(better, betterEffect)],
        [worse, alice, 1n],
        [worse, bob, left(worse, worseEffect)],
      ],
    ),
    scenario(
      'work-reward-rounds-down',
      'a reward of a third of 400,000 is rounded down',
      genesis,
      [founded(genesis), accepted(better, betterEffect), accepted(worse, worseEffect), accepted(onWorse, onWorseEffect)],
      [
        [better, alice, left(better, betterEffect)],
        [worse, alice, 1n],
        [onWorse, carol, 1n],
        [onWorse, bob, left(onWorse, onWorseEffect)],
      ],
    ),
    scenario(
      'work-charge-rounds-up',
      'a charge of two thirds of 100,000 is rounded up',
      genesis,
      [founded(genesis), accepted(better, betterEffect), accepted(worse, worseEffect), accepted(under, underEffect)],
      [
        [better, alice, left(better, betterEffect)],
        [worse, alice, 1n],
        [under, carol, 1n],
        [under, bob, left(under, underEffect)],
      ],
    ),
    scenario(
      'work-free',
      'a reward is at most the burn: the payment is free',
      genesis,
      [founded(genesis), accepted(free, freeEffect)],
      [
        [free, bob, 1_000_000n],
        [free, alice, left(free, freeEffect)],
      ],
    ),
    scenario(
      'work-charge-cap',
      'a charge is at most the burn: no coin is poisoned by the work of its history',
      genesis,
      [founded(genesis), accepted(free, freeEffect), accepted(fine, fineEffect)],
      [
        [free, bob, 1_000_000n],
        [fine, bob, 1n],
        [fine, alice, left(fine, fineEffect)],
      ],
    ),
    scenario(
      'work-branch',
      'of two parents the one with the greatest mean trail is the branch',
      genesis,
      [founded(genesis), accepted(better, betterEffect), accepted(worse, worseEffect), accepted(third, thirdEffect)],
      [
        [worse, bob, left(worse, worseEffect)],
        [third, bob, 1n],
        [third, alice, left(third, thirdEffect)],
      ],
    ),
    scenario('work-trail-5', 'a trail has at most 5 entries', genesis, steps, [[chain, alice, held]]),
    scenario(
      'work-mint',
      'where maxGain is above 0 work mints',
      minting,
      [founded(minting), accepted(minted, mintedEffect)],
      [
        [minted, bob, 1_000_000n],
        [minted, alice, left(minted, mintedEffect)],
      ],
    ),
    scenario(
      'change-beyond-2-53',
      'change may exceed 2^53',
      rich,
      [founded(rich), accepted(beyond, beyondEffect), accepted(spent, { ...spentEffect })],
      [
        [beyond, bob, 1n],
        [spent, bob, BigInt(Number.MAX_SAFE_INTEGER)],
        [spent, alice, left(spent, spentEffect)],
      ],
    ),
  ];
}

export function decideVectors() {
  return {
    description:
      "Scenarios: files (text) in the order in which they arrive at a node that knows nothing but the genesis' file, which fixes the network, and the decision on each. coins: all coins that are unspent in the end; supply: their sum. Amounts are decimal text.",
    scenarios: [...payments(), ...refusals(), ...conflicts(), ...work()],
  };
}
