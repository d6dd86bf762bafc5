/** The parts that we use of packages which come without types. Names and shapes as in the versions pinned in package.json. */

declare module 'bencode' {
  const bencode: {
    encode(data: unknown): Uint8Array;
    decode(data: Uint8Array | string): unknown;
  };
  export default bencode;
}
