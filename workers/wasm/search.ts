/**
 * The search for work in AssemblyScript, compiled twice from this one source: with SIMD, four nonces at a time, and without, one at
 * a time. `T` is `v128` or `u32`; the compiler drops the branch of the other. Called by `src/core/search.ts`, which
 * also writes the first three of the places below, in words of 32 bits.
 */

/** The 64 round constants of SHA-256 (FIPS 180-4). */
const K: usize = 0;
/** The 8 words that SHA-256 starts from. */
const H: usize = 256;
/** The 8 words of the work core. */
const CORE: usize = 288;
/** The 8 words of the state after the rounds that are the same for all nonces of a search. */
const MIDSTATE: usize = 320;
/** The 64 words of the message schedule, each `sizeof<T>()` bytes. */
const W: usize = 512;

/** Words 0 … 7 are the core and 8 is the upper half of the nonce, so rounds 0 … 7 are done once a search. */
const FIRST_ROUND: i32 = 8;

@inline
function splat<T>(word: u32): T {
  if (isVector<T>()) return i32x4.splat(word);
  return word as T;
}

@inline
function add<T>(a: T, b: T): T {
  if (isVector<T>()) return i32x4.add(a, b);
  return a + b;
}

@inline
function xor<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.xor(a, b);
  return a ^ b;
}

@inline
function and<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.and(a, b);
  return a & b;
}

@inline
function shr<T>(a: T, bits: i32): T {
  if (isVector<T>()) return i32x4.shr_u(a, bits);
  return a >> bits;
}

@inline
function rotate<T>(a: T, bits: i32): T {
  if (isVector<T>()) return v128.or(i32x4.shr_u(a, bits), i32x4.shl(a, 32 - bits));
  return rotr(a, bits);
}

// The six functions of FIPS 180-4, 4.1.2, by their names there.

@inline
function Ch<T>(x: T, y: T, z: T): T {
  return xor(z, and(x, xor(y, z)));
}

@inline
function Maj<T>(x: T, y: T, z: T): T {
  return xor(and(x, y), and(z, xor(x, y)));
}

@inline
function Sigma0<T>(x: T): T {
  return xor(rotate(x, 2), xor(rotate(x, 13), rotate(x, 22)));
}

@inline
function Sigma1<T>(x: T): T {
  return xor(rotate(x, 6), xor(rotate(x, 11), rotate(x, 25)));
}

@inline
function sigma0<T>(x: T): T {
  return xor(rotate(x, 7), xor(rotate(x, 18), shr(x, 3)));
}

@inline
function sigma1<T>(x: T): T {
  return xor(rotate(x, 17), xor(rotate(x, 19), shr(x, 10)));
}

@inline
function loadSplat<T>(from: usize): T {
  if (isVector<T>()) return v128.load_splat<u32>(from);
  return load<u32>(from) as T;
}

@inline
function word<T>(i: i32): T {
  return load<T>(W + i * sizeof<T>());
}

@inline
function setWord<T>(i: i32, value: T): void {
  store<T>(W + i * sizeof<T>(), value);
}

/** What a round adds to h, before Ch and Sigma: the round's constant and its word. */
@inline
function input<T>(i: i32): T {
  return add(loadSplat<T>(K + i * 4), word<T>(i));
}

@inline
function t1<T>(e: T, f: T, g: T, h: T, i: i32): T {
  return add(add(h, input<T>(i)), add(Sigma1(e), Ch(e, f, g)));
}

@inline
function t2<T>(a: T, b: T, c: T): T {
  return add(Sigma0(a), Maj(a, b, c));
}

@inline
function midstate<T>(i: i32): T {
  return loadSplat<T>(MIDSTATE + i * 4);
}

@inline
function expand<T>(i: i32): void {
  setWord<T>(i, add(add(word<T>(i - 16), sigma0(word<T>(i - 15))), add(word<T>(i - 7), sigma1(word<T>(i - 2)))));
}

/** What is the same for all nonces with this upper half: core, half a nonce, padding, length in bits, and the words that follow from these alone. */
function prepareSchedule<T>(high: u32): void {
  for (let i = 0; i < 8; i++) setWord<T>(i, loadSplat<T>(CORE + i * 4));
  setWord<T>(8, splat<T>(high));
  setWord<T>(10, splat<T>(0x80000000));
  for (let i = 11; i < 15; i++) setWord<T>(i, splat<T>(0));
  setWord<T>(15, splat<T>(320));
  expand<T>(17);
  expand<T>(19);
  expand<T>(21);
}

/** Rounds 0 … 7, which see only the core. */
function prepareMidstate(): void {
  let a = load<u32>(H);
  let b = load<u32>(H + 4);
  let c = load<u32>(H + 8);
  let d = load<u32>(H + 12);
  let e = load<u32>(H + 16);
  let f = load<u32>(H + 20);
  let g = load<u32>(H + 24);
  let h = load<u32>(H + 28);
  for (let i = 0; i < FIRST_ROUND; i++) {
    const first = h + load<u32>(K + i * 4) + load<u32>(CORE + i * 4) + Sigma1(e) + Ch(e, f, g);
    const second = t2(a, b, c);
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  store<u32>(MIDSTATE, a);
  store<u32>(MIDSTATE + 4, b);
  store<u32>(MIDSTATE + 8, c);
  store<u32>(MIDSTATE + 12, d);
  store<u32>(MIDSTATE + 16, e);
  store<u32>(MIDSTATE + 20, f);
  store<u32>(MIDSTATE + 24, g);
  store<u32>(MIDSTATE + 28, h);
}

/** First word of the hash, for the nonces whose lower halves are `low`. */
@inline
function firstWord<T>(low: T): T {
  setWord<T>(9, low);
  expand<T>(16);
  expand<T>(18);
  expand<T>(20);
  for (let i = 22; i < 64; i++) expand<T>(i);
  let a = midstate<T>(0);
  let b = midstate<T>(1);
  let c = midstate<T>(2);
  let d = midstate<T>(3);
  let e = midstate<T>(4);
  let f = midstate<T>(5);
  let g = midstate<T>(6);
  let h = midstate<T>(7);
  // Eight rounds at a time, so that the letters are back in their places and nothing is moved.
  for (let i = FIRST_ROUND; i < 64; i += 8) {
    h = t1(e, f, g, h, i);
    d = add(d, h);
    h = add(h, t2(a, b, c));
    g = t1(d, e, f, g, i + 1);
    c = add(c, g);
    g = add(g, t2(h, a, b));
    f = t1(c, d, e, f, i + 2);
    b = add(b, f);
    f = add(f, t2(g, h, a));
    e = t1(b, c, d, e, i + 3);
    a = add(a, e);
    e = add(e, t2(f, g, h));
    d = t1(a, b, c, d, i + 4);
    h = add(h, d);
    d = add(d, t2(e, f, g));
    c = t1(h, a, b, c, i + 5);
    g = add(g, c);
    c = add(c, t2(d, e, f));
    b = t1(g, h, a, b, i + 6);
    f = add(f, b);
    b = add(b, t2(c, d, e));
    a = t1(f, g, h, a, i + 7);
    e = add(e, a);
    a = add(a, t2(b, c, d));
  }
  return add(a, loadSplat<T>(H));
}

/** Which of the lanes hold zeros wherever `mask` has ones, one bit each. */
@inline
function zeroLanes<T>(words: T, mask: u32): i32 {
  if (isVector<T>()) return i32x4.bitmask(i32x4.eq(v128.and(words, i32x4.splat(mask)), i32x4.splat(0)));
  return (words & mask) == 0 ? 1 : 0;
}

@inline
function consecutive<T>(low: u32): T {
  if (isVector<T>()) return i32x4.add(i32x4.splat(low), i32x4(0, 1, 2, 3));
  return low as T;
}

function searchLanes<T>(high: u32, low: u32, count: i32, mask: u32): i32 {
  prepareMidstate();
  prepareSchedule<T>(high);
  for (let tried = 0; tried < count; tried += sizeof<T>() / 4) {
    const found = zeroLanes(firstWord(consecutive<T>(low + tried)), mask);
    if (found != 0) {
      const at = tried + ctz(found);
      return at < count ? at : -1;
    }
  }
  return -1;
}

/**
 * Tries the nonces `high` · 2^32 + `low` and the `count` − 1 after it; `low` + `count` is at most 2^32.
 * @param mask ones where the hash's first word must have zeros
 * @returns how many nonces stand before the first that fits, or −1
 */
export function search(high: u32, low: u32, count: i32, mask: u32): i32 {
  return ASC_FEATURE_SIMD ? searchLanes<v128>(high, low, count, mask) : searchLanes<u32>(high, low, count, mask);
}
