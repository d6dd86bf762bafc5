/** What a person pastes, drops or opens: links to payments, proof files, evidence of double spends. */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Evidence } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import { parseLink } from '../core/link.ts';
import { decodeProofFile } from '../core/proof-file.ts';
import { isFileOf } from '../core/torrent.ts';
import type { Random } from '../time/clock.ts';
import type { Verifier } from './ledger/accept.ts';
import type { Memberships } from './memberships.ts';

export interface InboxOptions {
  readonly memberships: Memberships;
  readonly verify: Verifier;
  readonly random: Random;
}

/** Takes in what comes by hand. */
export class Inbox {
  readonly #options: InboxOptions;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** @returns the acceptance's id @throws {TtxError} `link`, `no-network` */
  async accept(link: string): Promise<string> {
    const parsed = parseLink(link);
    if (parsed.kind !== 'magnet' && parsed.kind !== 'invitation') throw new TtxError('link', { what: 'payment' });
    const open = await this.#options.memberships.ready();
    return open.acceptances.start(this.#newId(), parsed.magnet);
  }

  /** @returns the acceptance's id @throws {TtxError} `proof-file`, `no-network` */
  async acceptFile(bytes: Uint8Array): Promise<string> {
    const { memberships } = this.#options;
    const proof = decodeProofFile(bytes);
    const { network } = proof;
    const genesis = proof.files.find((file) => network !== undefined && isFileOf(network, file));
    if (network !== undefined && genesis !== undefined) memberships.keepAtHand(network, genesis);
    return (await memberships.ready()).acceptFile(this.#newId(), proof);
  }

  /** No network has to be joined for it. */
  async checkEvidence(bytes: Uint8Array): Promise<Evidence> {
    const { checkEvidence } = await import('./contest/evidence.ts');
    return checkEvidence(bytes, this.#options.verify);
  }

  #newId(): string {
    return bytesToHex(this.#options.random(8));
  }
}
