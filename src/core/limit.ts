/**
 * Every limit in one place, each with its reason. CONSENSUS marks those that would split the network if they changed.
 */

/** CONSENSUS. Largest transaction file in bytes: one torrent piece, so a transaction is fetched whole or not at all. */
export const MAX_FILE_BYTES = 16_384;
/** CONSENSUS. Deepest JSON nesting: JavaScript engines overflow at different depths, and that would be a fork. */
export const MAX_JSON_DEPTH = 16;
/** CONSENSUS. Most transactions in `prev`: bounds the work of one check. */
export const MAX_PREV = 32;
/** CONSENSUS. Most transactions in `ref`: votes are free to write, so they are few. */
export const MAX_REF = 8;
/** CONSENSUS. Largest integer in a transaction: 2^53 − 1, what JSON numbers carry exactly. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
/** CONSENSUS. Length of a trail: how many transactions of the branch the work is compared with. */
export const TRAIL_LENGTH = 5;
/** CONSENSUS. Largest network parameter: keeps burn × bytes far below what a 64-bit implementation can hold. */
export const MAX_PARAMETER = 2 ** 40;
/** CONSENSUS. Longest network name, in Unicode code points. */
export const MAX_NETWORK_NAME = 32;

/** Smallest nonce a wallet draws: 16 digits, so the length of the file, and so its burn, is known before the work. */
export const MIN_WALLET_NONCE = 1_000_000_000_000_000;
/** Longest magnet link we write: chat programs cut or refuse longer ones. */
export const MAX_MAGNET_LENGTH = 2_000;
/** Largest proof file in bytes, read or written: a mail attachment that nobody minds. */
export const MAX_PROOF_FILE_BYTES = 1_048_576;
/** Most transactions in one proof file: 2,048 of a usual size fit. */
export const MAX_PROOF_FILES = 4_096;
/** Longest link we try to read; a magnet with an inline file and many trackers stays far below. */
export const MAX_LINK_LENGTH = 65_536;
/** Most trackers taken from a link: each costs a socket. */
export const MAX_LINK_TRACKERS = 8;
/** Longest note (`modules.comment`) a wallet offers to write, in bytes: about a screen of text; the file has room for more. */
export const MAX_NOTE_BYTES = 1_000;

/** Largest attached file in bytes: what a phone's tab can hold and hash at once; larger files have their own torrents, named in a note. */
export const MAX_ATTACHMENT_BYTES = 16_777_216;
/** Most files attached to one transaction: their descriptions must fit the file. */
export const MAX_ATTACHMENTS = 8;

/** Largest ttx message in bytes: 16 blocks, below what a data channel delivers in one go, and a bound on one peer's buffer. */
export const MAX_MESSAGE_BYTES = 262_144;
/** Deepest bencoding in a message: a dictionary of lists of dictionaries; more is an attack on the stack. */
export const MAX_BENCODE_DEPTH = 8;
/** Most transactions named in one `inv` or `get`: 52 bytes each, so at most 52 kB. */
export const MAX_INV = 1_000;
/** Most transaction files in one `tx` message; the byte limit usually bites first. */
export const MAX_TX_BATCH = 256;
/** Most modules a `hello` names: a node follows a few, and the list is kept for each peer. */
export const MAX_MODULES = 16;
/** Longest number on the wire that may exceed 2^53, in bytes: 2^53 transactions of 256 work bits each sum up to 310 bits. */
export const MAX_NATURAL_BYTES = 40;
/** Most paths in one `node`: ten differences lie below fewer, and one answer costs at most so many look-ups. */
export const MAX_PREFIXES = 64;
/**
 * Most keys listed in one node of a state tree; more of them make an inner node, so this fixes the roots. 64 such nodes with the longest
 * amounts still fit one message.
 */
export const MAX_LEAVES = 48;
/** Most coins in one `spent`: one transaction spends at most 32. */
export const MAX_COINS_ASKED = 64;
/** Most votes in one `vote`: so many are kept for a transaction. */
export const MAX_VOTES = 64;
/** Most peers named in an `intro` as connected already: a node has at most 12. */
export const MAX_KNOWN = 16;
/** Longest WebRTC session description taken, in bytes: about ten times a usual one. */
export const MAX_SIGNAL_BYTES = 16_384;

/** Good time in ms without a known rival after which a transaction is settled: a rival needs some 2 s to cross a network of 1,000. */
export const SETTLE_MS = 10_000;
/** Good time in ms after settling before a payee is told: whoever could settle on a rival has been heard of by then. */
export const CONFIRM_MS = 5_000;
/** Good time in ms for which one side of a contest must lead before it is settled. */
export const CONTEST_LEAD_MS = 10_000;
