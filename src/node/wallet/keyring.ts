/** The wallets of this device: making, restoring and choosing them. Secrets leave this file only as words on request and as signatures. */
import { concatBytes } from '@noble/hashes/utils.js';
import { hmac, sha512 } from '@noble/hashes/webcrypto.js';
import { base64urlnopad } from '@scure/base';
import { mnemonicToSeedWebcrypto } from '@scure/bip39';
import type { TypedWord, WalletSummary } from '../../api/node.ts';
import { addressOf } from '../../core/address.ts';
import { TtxError } from '../../core/error.ts';
import { isPublicKey, type PublicKey, publicKeyFromBytes } from '../../core/id.ts';
import { deriveKey, entropyOf, WALLET_PATH, wordsOf } from '../../core/key.ts';
import type { Draft, Transaction } from '../../core/transaction.ts';
import type { StoredWallet, Vault } from '../../storage/store.ts';
import type { Clock, Random } from '../../time/clock.ts';

/** 128 bits: 12 words. */
const ENTROPY_BYTES = 16;

/** Fewest words that prove a backup. */
const PROVING_WORDS = 3;

/** Secret key of a wallet. BIP39's PBKDF2 runs natively: in JavaScript it would take a slow phone seconds. */
async function secretKeyOf(entropy: Uint8Array): Promise<Uint8Array> {
  const derivation = deriveKey(await mnemonicToSeedWebcrypto(wordsOf(entropy)), WALLET_PATH);
  let step = derivation.next();
  while (step.done !== true) step = derivation.next(await hmac(sha512, step.value.key, step.value.data));
  return step.value;
}

/** The curve's library, which a first address does without: WebCrypto has its public key. */
const loadSignatures = () => import('../../core/signature.ts');

/** PKCS #8 (RFC 8410) of an ed25519 secret key, without the key's 32 bytes. */
const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20);

/**
 * Public key of a secret key, from the browser where it can: the library first fills a table, which keeps a slow phone busy for a tenth of
 * a second before the first address shows.
 */
async function publicKeyFast(secretKey: Uint8Array): Promise<PublicKey> {
  try {
    const key = await crypto.subtle.importKey('pkcs8', concatBytes(PKCS8_HEAD, secretKey), 'Ed25519', true, ['sign']);
    const { x = '' } = await crypto.subtle.exportKey('jwk', key);
    return publicKeyFromBytes(base64urlnopad.decode(x));
  } catch {
    return (await loadSignatures()).publicKeyOf(secretKey);
  }
}

/** One wallet's signature, and nothing else of it. */
export interface Signer {
  readonly wallet: string;
  readonly key: PublicKey;
  readonly sign: (draft: Draft, nonce: number) => Promise<Transaction>;
}

/** All wallets, one of them in use. */
export class Keyring {
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #wallets = new Map<string, StoredWallet>();
  #current: StoredWallet;

  private constructor(vault: Vault, clock: Clock, wallets: readonly StoredWallet[], current: StoredWallet) {
    this.#vault = vault;
    this.#clock = clock;
    for (const wallet of wallets) this.#wallets.set(wallet.id, wallet);
    this.#current = current;
  }

  /** Opens the wallets that are kept, or makes the first one; it is on disk before anybody sees its address. */
  static async open(
    vault: Vault,
    clock: Clock,
    random: Random,
    kept: readonly StoredWallet[],
    currentId: string | undefined,
  ): Promise<Keyring> {
    const current = kept.find((wallet) => wallet.id === currentId) ?? kept[0];
    if (current !== undefined) return new Keyring(vault, clock, kept, current);
    const created = await Keyring.#make(random(ENTROPY_BYTES), 'created', clock);
    await vault.putWallet(created);
    return new Keyring(vault, clock, [created], created);
  }

  static async #make(entropy: Uint8Array, origin: StoredWallet['origin'], clock: Clock): Promise<StoredWallet> {
    const publicKey = await publicKeyFast(await secretKeyOf(entropy));
    const nowMs = clock.nowMs();
    // The words were typed in just now: they are written down somewhere.
    const backup = origin === 'restored' ? { backedUpAtMs: nowMs } : {};
    return { id: publicKey, secret: { kind: 'plain', entropy }, publicKey, createdAtMs: nowMs, origin, ...backup };
  }

  get id(): string {
    return this.#current.id;
  }

  get backedUpAtMs(): number | undefined {
    return this.#current.backedUpAtMs;
  }

  get publicKey(): PublicKey {
    return keyOf(this.#current);
  }

  list(hrp: string): readonly WalletSummary[] {
    return [...this.#wallets.values()]
      .sort((a, b) => a.createdAtMs - b.createdAtMs)
      .map((wallet) => ({
        id: wallet.id,
        address: addressOf(keyOf(wallet), hrp),
        createdAtMs: wallet.createdAtMs,
        origin: wallet.origin,
      }));
  }

  /** The 12 words of the wallet in use. */
  words(): readonly string[] {
    return wordsOf(this.#current.secret.entropy).split(' ');
  }

  /**
   * Confirms the backup if what was typed is right; capitals and spaces around a word do not matter.
   * @returns positions whose word is wrong, all if too few were typed to prove anything
   * @throws {TtxError} `no-wallet`
   */
  async confirmBackup(id: string, typed: readonly TypedWord[]): Promise<readonly number[]> {
    const wallet = this.#wallets.get(id);
    if (wallet === undefined) throw new TtxError('no-wallet');
    const words = wordsOf(wallet.secret.entropy).split(' ');
    const isProof = new Set(typed.map(({ position }) => position)).size >= PROVING_WORDS;
    const wrong = typed.filter(({ position, word }) => !isProof || word.trim().toLowerCase() !== words[position]);
    if (isProof && wrong.length === 0) await this.#put({ ...wallet, backedUpAtMs: this.#clock.nowMs() });
    return wrong.map(({ position }) => position);
  }

  /** Adds the wallet of 12 words, or finds it among those kept, and uses it. @throws {TtxError} `words` */
  async restore(words: string): Promise<void> {
    const restored = await Keyring.#make(entropyOf(words), 'restored', this.#clock);
    await this.#put(this.#wallets.get(restored.id) ?? restored);
    await this.use(restored.id);
  }

  /** @throws {TtxError} `no-wallet` */
  async use(id: string): Promise<void> {
    const wallet = this.#wallets.get(id);
    if (wallet === undefined) throw new TtxError('no-wallet');
    await this.#vault.putSettings({ walletId: id });
    this.#current = wallet;
  }

  /** Signs with the wallet that is in use now, also after another one is. */
  signer(): Signer {
    const { id, secret, publicKey } = this.#current;
    const key = keyOf({ publicKey });
    const sign: Signer['sign'] = async (draft, nonce) => {
      const { signDraft } = await loadSignatures();
      return signDraft(draft, nonce, await secretKeyOf(secret.entropy));
    };
    return { wallet: id, key, sign };
  }

  async #put(wallet: StoredWallet): Promise<void> {
    await this.#vault.putWallet(wallet);
    this.#wallets.set(wallet.id, wallet);
    if (this.#current.id === wallet.id) this.#current = wallet;
  }
}

function keyOf(wallet: Pick<StoredWallet, 'publicKey'>): PublicKey {
  if (!isPublicKey(wallet.publicKey)) throw new TtxError('bug', { what: 'stored key' });
  return wallet.publicKey;
}
