/** Bencoding (BEP 3) as the vectors need it: right by {@link bencode}, and wrong on purpose by its parts. */

/** A byte string. @param {string | Uint8Array} value */
export const string = (value) => Buffer.concat([Buffer.from(`${Buffer.from(value).length}:`), Buffer.from(value)]);
/** @param {Uint8Array[]} items */
export const list = (...items) => Buffer.concat([Buffer.from('l'), ...items, Buffer.from('e')]);
/** Entries in the order in which they are given. @param {[string, Uint8Array][]} entries */
export const dictionary = (...entries) =>
  Buffer.concat([Buffer.from('d'), ...entries.flatMap(([key, value]) => [string(key), value]), Buffer.from('e')]);

/** @typedef {number | string | Uint8Array | Value[] | { readonly [key: string]: Value }} Value */

/** @param {Value} value @returns {Buffer} */
export function bencode(value) {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string' || value instanceof Uint8Array) return string(value);
  if (Array.isArray(value)) return list(...value.map(bencode));
  const keys = Object.keys(value).sort();
  return dictionary(...keys.map((key) => /** @type {[string, Buffer]} */ ([key, bencode(value[key] ?? '')])));
}
