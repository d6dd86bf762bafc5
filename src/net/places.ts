/**
 * Who keeps a place among the `ttx` peers. Whoever could choose all our peers could choose what we hear (an eclipse): so places go to peers
 * that were found in different ways, those of long-standing use keep theirs, and strangers who come to us never get them all.
 */

/** Most `ttx` peers: half as many again as are sought, so that newcomers find room. */
export const MAX_PLACES = 12;
/** Of these, most for peers that came to us: the others were found by us, so a crowd at the door does not choose our company. */
export const MAX_INCOMING = 8;
/** Places of those who were of use for longest, which nobody else can take. */
const KEPT = 4;
/** Beyond the wanted number, more are sought only because so many came by one way; and no more than this many. */
const CROWD = 6;
const EXTRA = 2;
/** A place is not taken from anybody sooner: what a peer is worth takes a while to show. */
const STANDING_MS = 600_000;
/** Between two newcomers who take a full node's places. */
const TAKING_PAUSE_MS = 60_000;

/** One `ttx` peer, as far as its place is concerned. */
export interface Place {
  readonly id: string;
  /** Who carried its first offer or answer: a tracker, a peer, or people who paired. */
  readonly source: string;
  /** Whether it came to us: it made the offer. */
  readonly isIncoming: boolean;
  readonly sinceMs: number;
  /** In how many minutes it was of use. */
  readonly usefulMinutes: number;
}

/** Whether another peer is worth looking for at this source. @param wanted how many are wanted in all */
export function wantsFrom(source: string, places: readonly Place[], wanted: number): boolean {
  if (places.length < wanted) return true;
  if (wanted < MAX_PLACES - EXTRA && places.length >= wanted + EXTRA) return false;
  return largestShare(places) > CROWD && places.length < MAX_PLACES - EXTRA && places.every((place) => place.source !== source);
}

/** What becomes of a newcomer: a place is free, somebody leaves for it, or it is turned away. */
export type Admission = { readonly kind: 'free' } | { readonly kind: 'instead'; readonly of: string } | { readonly kind: 'full' };

/**
 * @param takenAtMs when a newcomer last took somebody's place
 * @param random 0 ≤ x < 1
 */
export function admit(
  newcomer: Pick<Place, 'isIncoming'>,
  places: readonly Place[],
  now: { readonly nowMs: number; readonly takenAtMs: number; readonly random: number },
): Admission {
  const incoming = places.filter((place) => place.isIncoming);
  const isCrowd = newcomer.isIncoming && incoming.length >= MAX_INCOMING;
  if (places.length < MAX_PLACES && !isCrowd) return { kind: 'free' };
  if (now.nowMs - now.takenAtMs < TAKING_PAUSE_MS) return { kind: 'full' };
  const leaver = choose(isCrowd ? incoming : places, places, now.nowMs, now.random);
  return leaver === undefined ? { kind: 'full' } : { kind: 'instead', of: leaver.id };
}

/** Somebody to let go of, so that others get to know us and we them: chance makes lasting company hard to arrange. */
export function rotated(places: readonly Place[], nowMs: number, random: number): Place | undefined {
  return choose(places, places, nowMs, random);
}

/** One of `from` of some standing, not of those who are kept; of the source with most places, because there is more where it came from. */
function choose(from: readonly Place[], places: readonly Place[], nowMs: number, random: number): Place | undefined {
  const kept = new Set(
    places
      .filter(({ usefulMinutes }) => usefulMinutes > 0)
      .sort((a, b) => b.usefulMinutes - a.usefulMinutes || a.sinceMs - b.sinceMs)
      .slice(0, KEPT),
  );
  const free = from.filter((place) => !kept.has(place) && nowMs - place.sinceMs >= STANDING_MS);
  const most = largestShare(free);
  const crowd = free.filter(({ source }) => countFrom(source, free) === most);
  return crowd[Math.floor(random * crowd.length)];
}

const countFrom = (source: string, places: readonly Place[]) => places.filter((place) => place.source === source).length;
const largestShare = (places: readonly Place[]) => Math.max(0, ...places.map(({ source }) => countFrom(source, places)));
