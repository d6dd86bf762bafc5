/**
 * Messages of the BEP 10 extension `ttx`: bencoded dictionaries, `t` names the type. Decoding is strict: a wrong field,
 * length or order is an error, an unknown type is not (newer peers may say more). See docs/protocol.md, The wire.
 */
import type { Infohash, TxId } from './id.ts';

/** First message on a connection, in both directions; nothing else counts before it. */
export interface Hello {
  readonly t: 'hello';
  /** Software and version for people, e.g. `torrenttx-web/0.1.0`; at most 64 bytes. */
  readonly software: string;
  /** Protocol version; 1. */
  readonly protocol: number;
  readonly genesis: TxId;
  readonly summary: StateSummary;
}

/** What a node holds, in a few numbers. */
export interface StateSummary {
  /** Accepted transactions. */
  readonly transactions: number;
}

/** Transactions that the sender holds, accepted. Says where (infohash) and what (txid). */
export interface Inv {
  readonly t: 'inv';
  readonly held: readonly { readonly infohash: Infohash; readonly txid: TxId }[];
}

/** Asks for transaction files. */
export interface Get {
  readonly t: 'get';
  readonly txids: readonly TxId[];
}

/** Transaction files; whoever was asked for several answers with what it has, and names what it has not. */
export interface Tx {
  readonly t: 'tx';
  readonly files: readonly Uint8Array[];
  readonly missing: readonly TxId[];
}

export type Message = Hello | Inv | Get | Tx;
