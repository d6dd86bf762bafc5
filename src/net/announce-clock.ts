/** When one torrent is announced to one tracker, and how many offers are worth making. */
import type { TorrentDemand } from './tracker-client.ts';

/** First wait before announcing again while offers are wanted and nobody is there; grows by half each time. */
const FIRST_WAIT_MS = 2_000;
/** Least wait while somebody is there but more are wanted: no hurry. */
const CALM_WAIT_MS = 10_000;
/** Usual wait while nothing is wanted, until the tracker names its own; only keeps us listed. */
const DEFAULT_INTERVAL_MS = 120_000;
/** A tracker's interval is taken within these bounds: some ask for hours, which loses us after its restart behind a proxy. */
const INTERVAL_BOUNDS_MS = { least: 30_000, most: 900_000 } as const;
/** Announces that are answered with news go out again at once, but not more often than this. */
const LEAST_PAUSE_MS = 500;

/** One per torrent and tracker; starts over when the tracker's socket does. */
export class AnnounceClock {
  readonly #random: () => number;
  #announcedAtMs: number | undefined;
  #intervalMs = DEFAULT_INTERVAL_MS;
  #repeats = 0;
  #jitter = 1;
  #others: number | undefined;
  #hurried = false;
  #isHeldBack = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Peers in the swarm as the tracker counts them, without us; undefined before its first answer. */
  get others(): number | undefined {
    return this.#others;
  }

  isDue(nowMs: number, demand: TorrentDemand): boolean {
    if (this.#announcedAtMs === undefined) return true;
    return nowMs - this.#announcedAtMs >= this.#waitMs(demand);
  }

  /** Notes an announce. @returns whether it is the first to this tracker */
  announced(nowMs: number): boolean {
    const first = this.#announcedAtMs === undefined;
    this.#announcedAtMs = nowMs;
    this.#repeats = this.#hurried ? 0 : this.#repeats + 1;
    this.#hurried = false;
    // ±20 %: two sides that hurry for each other should not keep in step.
    this.#jitter = 0.8 + 0.4 * this.#random();
    return first;
  }

  /** The demand changed: as soon as possible, and from the shortest wait again. */
  hurry(): void {
    this.#hurried = true;
    this.#repeats = 0;
  }

  onResponse(response: Readonly<Record<string, unknown>>): void {
    const { interval, complete, incomplete } = response;
    if (typeof interval === 'number' && interval > 0) {
      this.#intervalMs = Math.min(INTERVAL_BOUNDS_MS.most, Math.max(INTERVAL_BOUNDS_MS.least, interval * 1000));
    }
    if (typeof complete !== 'number' || typeof incomplete !== 'number') return;
    const others = Math.max(0, complete + incomplete - 1);
    // Our last announce may have had no offers because nobody was there, or because it was doubtful who would hear; now somebody is.
    if ((this.#others === 0 || this.#isHeldBack) && others > 0) this.#hurried = true;
    this.#isHeldBack = false;
    this.#others = others;
  }

  /**
   * Offers that somebody could take: none when the tracker says that we are connected to everybody it knows.
   * @param isDoubtful whether the tracker was silent before: then it must speak first, for offers cost connections
   */
  offersWorth(demand: TorrentDemand, isDoubtful: boolean): number {
    if (isDoubtful && this.#others === undefined) {
      this.#isHeldBack = true;
      return 0;
    }
    const takers = this.#others === undefined ? demand.offers : this.#others - demand.connections;
    return Math.max(0, Math.min(demand.offers, takers));
  }

  #waitMs(demand: TorrentDemand): number {
    if (this.#hurried && demand.offers > 0) return LEAST_PAUSE_MS;
    if (demand.offers === 0) return this.#intervalMs * this.#jitter;
    const least = demand.connections === 0 ? FIRST_WAIT_MS : CALM_WAIT_MS;
    return Math.min(demand.longestWaitMs, least * 1.5 ** this.#repeats) * this.#jitter;
  }
}
