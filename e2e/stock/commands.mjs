/** What the tests ask of a stock client, by WebTorrent's documented API only. Runs in Node and, served as it is, in a page. */

/** From a magnet to a complete download, with time for an announce to be repeated. */
const LEECH_MS = 30_000;

/**
 * @typedef {object} Download
 * @property {string} infohash
 * @property {readonly { path: string, bytes: readonly number[] }[]} files
 * @property {readonly string[]} connections what kind each was
 * @property {readonly string[]} complaints
 */

/** Settles as `promise` does, or fails with what `explain` says. @template T @param {Promise<T>} promise @param {() => string} explain @returns {Promise<T>} */
function within(promise, explain) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`after ${LEECH_MS / 1000} s: ${explain()}`)), LEECH_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * @param {any} client a WebTorrent client
 * @param {object} options for its `add` and `seed`
 */
export function commandsOf(client, options) {
  return {
    /** Downloads what a magnet names, and seeds it from then on. @param {string} magnet @returns {Promise<Download>} */
    async leech(magnet) {
      const torrent = client.add(magnet, options);
      /** @type {string[]} */
      const connections = [];
      /** @type {string[]} */
      const complaints = [];
      torrent.on('wire', (/** @type {any} */ wire) => connections.push(wire.type));
      torrent.on('warning', (/** @type {Error} */ warning) => complaints.push(String(warning)));
      const done = new Promise((resolve, reject) => {
        torrent.on('done', () => resolve(undefined));
        torrent.on('error', reject);
      });
      await within(
        done,
        () =>
          `${magnet} is not here: ${torrent.numPeers} peers, metadata ${torrent.metadata ? 'here' : 'missing'}, ${complaints.join('; ')}`,
      );
      const files = await Promise.all(
        torrent.files.map(async (/** @type {any} */ file) => ({
          path: file.path.replaceAll('\\', '/'),
          bytes: [...new Uint8Array(await file.arrayBuffer())],
        })),
      );
      return { infohash: torrent.infoHash, files, connections, complaints };
    },

    /** Seeds a folder. @param {string} path @param {string[]} announce trackers @returns {Promise<string>} its infohash */
    async seedFolder(path, announce) {
      const torrent = client.seed(path, { ...options, announce });
      const announced = new Promise((resolve, reject) => {
        torrent.once('trackerAnnounce', () => resolve(undefined));
        torrent.on('error', reject);
      });
      await within(announced, () => `the tracker has not answered for ${path}`);
      return torrent.infoHash;
    },
  };
}
