/** Metainfo files (BEP 3) as WebTorrent is given them. */

/** A metainfo file with nothing beside the info dictionary, whose bytes go in as they are. */
export function encodeMetainfo(info: Uint8Array): Uint8Array {
  const metainfo = new TextEncoder().encode(`d4:info${' '.repeat(info.length)}e`);
  metainfo.set(info, 'd4:info'.length);
  return metainfo;
}
