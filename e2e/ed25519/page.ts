/** A page of its own: what this browser says about every ed25519 vector, by the rule of the network and by its own verifier. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { isAdmissibleKey, verifyBytes } from '../../src/core/ed25519.ts';
import type { PublicKey } from '../../src/core/id.ts';
import { ed25519Vectors } from '../../src/core/vectors/ed25519.ts';

/** Both verdicts on one vector. */
export interface VectorVerdicts {
  readonly isAdmissible: boolean;
  /** ZIP-215 by noble, the authority. */
  readonly noble: boolean;
  /** WebCrypto; an exception is a no. */
  readonly native: boolean;
}

async function verifyNatively(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>) {
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, message);
  } catch {
    return false;
  }
}

/** Verdicts in the order of the vectors. */
async function judge(): Promise<VectorVerdicts[]> {
  const verdicts: VectorVerdicts[] = [];
  for (const vector of ed25519Vectors) {
    const [signature, message, key] = [hexToBytes(vector.signature), hexToBytes(vector.message), hexToBytes(vector.key)];
    verdicts.push({
      isAdmissible: isAdmissibleKey(vector.key as PublicKey),
      noble: verifyBytes(signature, message, key),
      native: await verifyNatively(signature, message, key),
    });
  }
  return verdicts;
}

Object.assign(window, { judge });
