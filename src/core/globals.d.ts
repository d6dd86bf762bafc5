/**
 * The only platform objects that core may touch: the Encoding Standard, present in every browser, worker and Node.
 * Core's tsconfig has no DOM, WebWorker or Node types, so anything else does not compile there.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label: 'utf-8', options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
