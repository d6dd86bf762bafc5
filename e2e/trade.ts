/** A network with many payments in it, made in a second: signed by the test, and given to a node as one file. */
import { type Locator, locator } from '../src/core/id.ts';
import { encodeProofFile } from '../src/core/proof-file.ts';
import type { TransactionFile } from '../src/core/transaction.ts';
import { record } from './crash-record.ts';
import { expect } from './fixtures.ts';
import { fileOf, genesisOf, sign, signerOf } from './forge.ts';
import type { Person } from './person.ts';

const FRIEND = 'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong'.split(' ');
const STRANGER = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

/** What {@link trade} made. */
export interface Traded {
  readonly invitation: string;
  /** A chain of payments, the oldest first. */
  readonly files: readonly TransactionFile[];
}

/** Ada founds a network and pays a stranger so many times. `elsewhere`: once, and the stranger pays a friend the other times. */
export async function trade(ada: Person, count: number, { elsewhere = false } = {}): Promise<Traded> {
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const founder = await signerOf(await ada.words());
  const stranger = await signerOf(STRANGER);
  const friend = await signerOf(FRIEND);
  const adaTold = await record(ada.context);
  await ada.reload();
  const files: TransactionFile[] = [];
  let prev: Locator = genesis.locator;
  for (let n = 1; n <= count; n++) {
    const isElsewhere = elsewhere && n > 1;
    const [from, to, units] = isElsewhere ? [stranger, friend, 1n] : [founder, stranger, elsewhere ? 100_000_000n : 1n];
    const file = fileOf(sign(from, prev, to.address, units, { time: n }));
    files.push(file);
    prev = locator(file.infohash, file.txid);
  }
  await ada.go('#/accept');
  const bytes = files.map((file) => file.bytes);
  const buffer = Buffer.from(encodeProofFile(bytes, genesis.locator, genesis.trackers));
  await ada.page.getByLabel('Open a file').setInputFiles({ name: 'all.torrent', mimeType: 'application/x-bittorrent', buffer });
  await expect.poll(() => adaTold.last?.network?.transactions, { timeout: 60_000 }).toBe(count + 1);
  return { invitation, files };
}
