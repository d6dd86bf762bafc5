/**
 * SHA-256 and SHA-1 (FIPS 180-4) of short messages in AssemblyScript, one at a time. Called by `src/core/module-hashes.ts`, which writes the
 * message to `message`, asks for its digest, and reads that from `digest`.
 */

/** The round constants and initial state of SHA-256, which the caller computes from their definition. */
const K = memory.data(256);
const H = memory.data(32);
/** Longest message in bytes: a transaction file. */
const MAX_MESSAGE = 16_384;
/** The message, and behind it its padding. */
const MESSAGE = memory.data(16_384 + 128);
/** Message schedule, 80 words. */
const W = memory.data(320);
/** State between blocks, then the digest: up to 8 words. */
const STATE = memory.data(32);

export function constants(): usize {
  return K;
}
export function initial(): usize {
  return H;
}
export function message(): usize {
  return MESSAGE;
}
export function digest(): usize {
  return STATE;
}

/** Pads the message (FIPS 180-4, 5.1.1). @returns where it ends */
function pad(length: i32): usize {
  const end = MESSAGE + (((length + 8) >> 6) + 1) * 64;
  memory.fill(MESSAGE + length, 0, end - MESSAGE - length);
  store<u8>(MESSAGE + length, 0x80);
  store<u32>(end - 4, bswap<u32>(length << 3));
  return end;
}

@inline
function word(i: i32): u32 {
  return load<u32>(W + i * 4);
}

@inline
function loadWords(block: usize): void {
  for (let i = 0; i < 16; i++) store<u32>(W + i * 4, bswap(load<u32>(block + i * 4)));
}

@inline
function state(i: i32): u32 {
  return load<u32>(STATE + i * 4);
}

@inline
function addToState(i: i32, value: u32): void {
  store<u32>(STATE + i * 4, state(i) + value);
}

function writeDigest(words: i32): void {
  for (let i = 0; i < words; i++) store<u32>(STATE + i * 4, bswap(state(i)));
}

// SHA-256: the functions of 4.1.2, by their names there.

@inline
function t1(e: u32, f: u32, g: u32, h: u32, i: i32): u32 {
  return h + load<u32>(K + i * 4) + word(i) + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g)));
}

@inline
function t2(a: u32, b: u32, c: u32): u32 {
  return (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (c & (a ^ b)));
}

function compress256(block: usize): void {
  loadWords(block);
  for (let i = 16; i < 64; i++) {
    const w15 = word(i - 15);
    const w2 = word(i - 2);
    const s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
    const s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
    store<u32>(W + i * 4, word(i - 16) + s0 + word(i - 7) + s1);
  }
  let a = state(0);
  let b = state(1);
  let c = state(2);
  let d = state(3);
  let e = state(4);
  let f = state(5);
  let g = state(6);
  let h = state(7);
  // Eight rounds at a time, so that the letters are back in their places and nothing is moved.
  for (let i = 0; i < 64; i += 8) {
    h = t1(e, f, g, h, i);
    d += h;
    h += t2(a, b, c);
    g = t1(d, e, f, g, i + 1);
    c += g;
    g += t2(h, a, b);
    f = t1(c, d, e, f, i + 2);
    b += f;
    f += t2(g, h, a);
    e = t1(b, c, d, e, i + 3);
    a += e;
    e += t2(f, g, h);
    d = t1(a, b, c, d, i + 4);
    h += d;
    d += t2(e, f, g);
    c = t1(h, a, b, c, i + 5);
    g += c;
    c += t2(d, e, f);
    b = t1(g, h, a, b, i + 6);
    f += b;
    b += t2(c, d, e);
    a = t1(f, g, h, a, i + 7);
    e += a;
    a += t2(b, c, d);
  }
  addToState(0, a);
  addToState(1, b);
  addToState(2, c);
  addToState(3, d);
  addToState(4, e);
  addToState(5, f);
  addToState(6, g);
  addToState(7, h);
}

/** Leaves the SHA-256 of the first `length` bytes of the message, 32 bytes, in the digest. */
export function sha256(length: i32): void {
  memory.copy(STATE, H, 32);
  const end = pad(length);
  for (let block = MESSAGE; block < end; block += 64) compress256(block);
  writeDigest(8);
}

// SHA-1: 4.1.1 and 6.1.2.

@inline
function choose(b: u32, c: u32, d: u32): u32 {
  return d ^ (b & (c ^ d));
}

@inline
function parity(b: u32, c: u32, d: u32): u32 {
  return b ^ c ^ d;
}

@inline
function majority(b: u32, c: u32, d: u32): u32 {
  return (b & c) | (d & (b | c));
}

function compress1(block: usize): void {
  loadWords(block);
  for (let i = 16; i < 80; i++) store<u32>(W + i * 4, rotl(word(i - 3) ^ word(i - 8) ^ word(i - 14) ^ word(i - 16), 1));
  let a = state(0);
  let b = state(1);
  let c = state(2);
  let d = state(3);
  let e = state(4);
  // Five rounds at a time, for the same reason.
  for (let i = 0; i < 20; i += 5) {
    e += rotl(a, 5) + choose(b, c, d) + 0x5a827999 + word(i);
    b = rotl(b, 30);
    d += rotl(e, 5) + choose(a, b, c) + 0x5a827999 + word(i + 1);
    a = rotl(a, 30);
    c += rotl(d, 5) + choose(e, a, b) + 0x5a827999 + word(i + 2);
    e = rotl(e, 30);
    b += rotl(c, 5) + choose(d, e, a) + 0x5a827999 + word(i + 3);
    d = rotl(d, 30);
    a += rotl(b, 5) + choose(c, d, e) + 0x5a827999 + word(i + 4);
    c = rotl(c, 30);
  }
  for (let i = 20; i < 40; i += 5) {
    e += rotl(a, 5) + parity(b, c, d) + 0x6ed9eba1 + word(i);
    b = rotl(b, 30);
    d += rotl(e, 5) + parity(a, b, c) + 0x6ed9eba1 + word(i + 1);
    a = rotl(a, 30);
    c += rotl(d, 5) + parity(e, a, b) + 0x6ed9eba1 + word(i + 2);
    e = rotl(e, 30);
    b += rotl(c, 5) + parity(d, e, a) + 0x6ed9eba1 + word(i + 3);
    d = rotl(d, 30);
    a += rotl(b, 5) + parity(c, d, e) + 0x6ed9eba1 + word(i + 4);
    c = rotl(c, 30);
  }
  for (let i = 40; i < 60; i += 5) {
    e += rotl(a, 5) + majority(b, c, d) + 0x8f1bbcdc + word(i);
    b = rotl(b, 30);
    d += rotl(e, 5) + majority(a, b, c) + 0x8f1bbcdc + word(i + 1);
    a = rotl(a, 30);
    c += rotl(d, 5) + majority(e, a, b) + 0x8f1bbcdc + word(i + 2);
    e = rotl(e, 30);
    b += rotl(c, 5) + majority(d, e, a) + 0x8f1bbcdc + word(i + 3);
    d = rotl(d, 30);
    a += rotl(b, 5) + majority(c, d, e) + 0x8f1bbcdc + word(i + 4);
    c = rotl(c, 30);
  }
  for (let i = 60; i < 80; i += 5) {
    e += rotl(a, 5) + parity(b, c, d) + 0xca62c1d6 + word(i);
    b = rotl(b, 30);
    d += rotl(e, 5) + parity(a, b, c) + 0xca62c1d6 + word(i + 1);
    a = rotl(a, 30);
    c += rotl(d, 5) + parity(e, a, b) + 0xca62c1d6 + word(i + 2);
    e = rotl(e, 30);
    b += rotl(c, 5) + parity(d, e, a) + 0xca62c1d6 + word(i + 3);
    d = rotl(d, 30);
    a += rotl(b, 5) + parity(c, d, e) + 0xca62c1d6 + word(i + 4);
    c = rotl(c, 30);
  }
  addToState(0, a);
  addToState(1, b);
  addToState(2, c);
  addToState(3, d);
  addToState(4, e);
}

/** Leaves the SHA-1 of the first `length` bytes of the message, 20 bytes, in the digest. */
export function sha1(length: i32): void {
  store<u32>(STATE, 0x67452301);
  store<u32>(STATE + 4, 0xefcdab89);
  store<u32>(STATE + 8, 0x98badcfe);
  store<u32>(STATE + 12, 0x10325476);
  store<u32>(STATE + 16, 0xc3d2e1f0);
  const end = pad(length);
  for (let block = MESSAGE; block < end; block += 64) compress1(block);
  writeDigest(5);
}
