/** The coins that more than one transaction spends, and which side each peer says it is on. docs/protocol.md, Conflicts. */
import { MAX_CHANGES, type Side, type Standoff } from '../../core/contest.ts';
import type { Entry } from '../../core/entry.ts';
import { type CoinId, coinId, type TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';

/** A settled transaction's late rival is watched for this long, then only remembered. */
const WATCH_MS = 60_000;
/** Whatever becomes known so soon after a gap in good time may be old: differences are looked into within some seconds after meeting. */
const LATE_MS = 15_000;
/** Contests remembered; the oldest that is over goes first. */
const MAX_CONTESTS = 512;

/**
 * How often peers are asked for their side: at first often those that have named none or another one, for an answer may have crossed their going over; seldom
 * all, for who changes sides says so by itself.
 */
const ASK_EVERY_MS = { first: 1_000, last: 30_000 } as const;
/** Share of a contest's age between two questions to these. */
const ASK_SHARE = 1 / 8;

/** One coin that more than one transaction spends. */
export interface Contest {
  readonly coin: CoinId;
  /** Good time at which each spender became known; minus infinity for what had settled long before. */
  readonly sides: Map<TxId, number>;
  /** Sides that became known just after a gap in good time: this node was not there when others first heard of them. */
  readonly late: Set<TxId>;
  /** Good time at which the latest side became known. */
  openedMs: number;
  /** What each peer holds, as it last said, and how often it said something else. */
  readonly reports: Map<string, Report>;
  /** Round of votes, in ms; and the good time of the next. */
  roundMs: number;
  voteMs: number;
  /** When peers that have not named a side are asked next, and when all are. */
  askMs: number;
  askAllMs: number;
  /** Going over failed, or the owner's choice forbade it: not tried again before this, Unix ms. */
  retryMs: number;
  /** The rival that the peers hold against the contest's leaning, and the good time since when. */
  following: { readonly rival: TxId; readonly sinceMs: number } | undefined;
}

/** Weights of the sides of contests, in their order, at one moment: whoever looks at all pairs of many sides weighs them once. */
export type Weighed = Map<Contest, readonly bigint[]>;

/** What a peer holds. */
interface Report {
  readonly side: TxId;
  readonly changes: number;
  /** Whether the side has settled there, as far as it has said. */
  readonly isSettled: boolean;
  /** Not since it said that it knows nothing of the coin: its changes count on. */
  readonly isCurrent: boolean;
}

interface ContestsOptions {
  readonly ledger: Ledger;
  /** 0 ≤ x < 1; spreads the first votes. */
  readonly random: () => number;
  /** Good time. */
  readonly nowMs: () => number;
  /** When the last gap in good time ended, in good time. */
  readonly brokenMs: () => number;
  /** Good time at which a transaction was accepted; undefined for what settled long ago. */
  readonly seenMsOf: (txid: TxId) => number | undefined;
  /** Accepted transactions that came into a contest and have not settled since. */
  readonly contested: () => ReadonlySet<TxId>;
  /** Weights of all sides. */
  readonly weigh: (sides: readonly TxId[]) => readonly bigint[];
}

/** All contests of one network. */
export class Contests {
  readonly #options: ContestsOptions;
  readonly #contests = new Map<CoinId, Contest>();
  readonly #bySide = new Map<TxId, readonly Contest[]>();
  /** Those that came up lately. */
  readonly #recent = new Set<Contest>();

  constructor(options: ContestsOptions) {
    this.#options = options;
  }

  get(coin: CoinId): Contest | undefined {
    return this.#contests.get(coin);
  }

  /** Contests of which a transaction is a side. */
  of(txid: TxId): readonly Contest[] {
    return this.#bySide.get(txid) ?? [];
  }

  /** Those of which a side has not settled. */
  open(): readonly Contest[] {
    return [...new Set([...this.#options.contested()].flatMap((txid) => this.of(txid)))];
  }

  /** Those that are open, or came up lately. */
  watched(): readonly Contest[] {
    const nowMs = this.#options.nowMs();
    for (const contest of this.#recent) if (nowMs - contest.openedMs >= WATCH_MS) this.#recent.delete(contest);
    return [...new Set([...this.#recent, ...this.open()])];
  }

  #isWatched(contest: Contest): boolean {
    return this.#options.nowMs() - contest.openedMs < WATCH_MS || this.#isOpen(contest);
  }

  #isOpen({ sides }: Contest): boolean {
    const contested = this.#options.contested();
    return [...sides.keys()].some((txid) => contested.has(txid));
  }

  /**
   * A rival is known: its contests, one for each coin that an accepted transaction spends; those that knew both already are left out. What is
   * accepted may be new to a contest, too: it came while what it builds on had lost.
   */
  meet(rival: Entry, seenMs = this.#options.nowMs()): readonly Contest[] {
    const { ledger, random, seenMsOf } = this.#options;
    const nowMs = this.#options.nowMs();
    const met = rival.prev.flatMap((parent) => {
      const winner = ledger.findSpender(parent, rival.sender);
      // Where the parent itself has lost, that is where the contest is.
      if (winner === undefined || winner === rival.txid || !ledger.isAccepted(parent)) return [];
      const coin = coinId(parent, rival.sender);
      const contest: Contest = this.#contests.get(coin) ?? {
        coin,
        sides: new Map(),
        late: new Set(),
        openedMs: nowMs,
        reports: new Map(),
        roundMs: 1_000,
        voteMs: nowMs + 500 + random() * 1_000,
        askMs: 0,
        askAllMs: 0,
        retryMs: 0,
        following: undefined,
      };
      const before = contest.sides.size;
      this.#join(contest, winner, seenMsOf(winner) ?? Number.NEGATIVE_INFINITY);
      this.#join(contest, rival.txid, seenMs);
      if (contest.sides.size === before) return [];
      contest.openedMs = nowMs;
      contest.askAllMs = 0;
      this.#contests.set(coin, contest);
      this.#recent.add(contest);
      return [contest];
    });
    this.#forgetOldest(met);
    return met;
  }

  #join(contest: Contest, side: TxId, seenMs: number): void {
    if (contest.sides.has(side)) return;
    contest.sides.set(side, seenMs);
    if (this.#isLate(seenMs)) contest.late.add(side);
    this.#bySide.set(side, [...this.of(side), contest]);
  }

  /** The same for a rival that may have lost before, for another of its coins: it became known when it did. */
  meetAgain(rival: Entry): readonly Contest[] {
    const knownMs = this.of(rival.txid).flatMap(({ sides }) => sides.get(rival.txid) ?? []);
    return this.meet(rival, knownMs.length === 0 ? undefined : Math.min(...knownMs));
  }

  /** Whether what became known at `seenMs` came just after the last gap. */
  #isLate(seenMs: number): boolean {
    const afterMs = seenMs - this.#options.brokenMs();
    return afterMs >= 0 && afterMs < LATE_MS;
  }

  /** A rival as it was kept: if its contest is over, that is not watched any more. `seenMs`: good time at which it became known, before 0. */
  restore(rival: Entry, seenMs: number): void {
    for (const contest of this.meet(rival, seenMs)) if (!this.#isOpen(contest)) contest.openedMs = Number.NEGATIVE_INFINITY;
  }

  /** The oldest that are over. Those just met are not open yet, though they may be about to be. */
  #forgetOldest(met: readonly Contest[]): void {
    for (const [coin, contest] of this.#contests) {
      if (this.#contests.size <= MAX_CONTESTS) return;
      if (met.includes(contest) || this.#isOpen(contest)) continue;
      this.#contests.delete(coin);
      for (const side of contest.sides.keys()) {
        const others = this.of(side).filter((other) => other !== contest);
        if (others.length > 0) this.#bySide.set(side, others);
        else this.#bySide.delete(side);
      }
      this.#recent.delete(contest);
    }
  }

  /** Peers are asked about these contests now. @returns the coins to ask each about: as a rule, not those of which it has named the side that is held here */
  ask(contests: readonly Contest[], peers: readonly string[], clockMs: number): ReadonlyMap<string, readonly CoinId[]> {
    const coins = new Map<string, CoinId[]>(peers.map((id) => [id, []]));
    for (const contest of contests) {
      const isForAll = clockMs >= contest.askAllMs;
      const waitMs = (this.#options.nowMs() - contest.openedMs) * ASK_SHARE;
      contest.askMs = clockMs + Math.min(ASK_EVERY_MS.last, Math.max(ASK_EVERY_MS.first, waitMs));
      if (isForAll) contest.askAllMs = clockMs + ASK_EVERY_MS.last;
      for (const [id, asked] of coins) {
        const known = contest.reports.get(id);
        const agrees = known?.isCurrent === true && this.#options.ledger.isAccepted(known.side);
        if (isForAll || !agrees) asked.push(contest.coin);
      }
    }
    return coins;
  }

  /** A peer says that it holds a transaction. */
  report(peer: string, txid: TxId): void {
    for (const contest of this.of(txid)) report(contest, peer, txid, false);
  }

  /** Whether a peer holds a rival by what it said last: that it announced a transaction before counts no more. */
  hasLeft(peer: string, txid: TxId): boolean {
    return this.of(txid).some(({ reports }) => {
      const last = reports.get(peer);
      return last?.isCurrent === true && last.side !== txid;
    });
  }

  left(peer: string): void {
    for (const { reports } of this.#contests.values()) reports.delete(peer);
  }

  /** Whether any peer that counts holds another side than this node. */
  isDisputed(contest: Contest): boolean {
    for (const one of contest.reports.values()) if (isCounted(one, contest) && !this.#options.ledger.isAccepted(one.side)) return true;
    return false;
  }

  /** Two sides of one coin as this node sees them. All sides are weighed when that is asked for: mostly peers say enough. */
  standoff(contest: Contest, ours: TxId, rival: TxId, weighed: Weighed = new Map()): Standoff {
    const { sides, late } = contest;
    const { nowMs } = this.#options;
    const [oursMs = 0, rivalMs = 0] = [sides.get(ours), sides.get(rival)];
    const txids = [...sides.keys()];
    const weigh = (): readonly bigint[] => {
      const weights = weighed.get(contest) ?? this.#options.weigh(txids);
      weighed.set(contest, weights);
      return weights;
    };
    const count = { reporting: 0, ours: 0, oursSettled: 0, rival: 0, rivalSettled: 0 };
    for (const one of contest.reports.values()) {
      if (!isCounted(one, contest)) continue;
      count.reporting++;
      if (one.side === ours) {
        count.ours++;
        if (one.isSettled) count.oursSettled++;
      } else if (one.side === rival) {
        count.rival++;
        if (one.isSettled) count.rivalSettled++;
      }
    }
    const side = (txid: TxId, holders: number, settled: number): Side => ({
      txid,
      holders,
      settled,
      get weight() {
        return weigh()[txids.indexOf(txid)] ?? 0n;
      },
    });
    return {
      ours: side(ours, count.ours, count.oursSettled),
      rival: side(rival, count.rival, count.rivalSettled),
      reporting: count.reporting,
      get heaviest() {
        return weigh().reduce((most, weight) => (weight > most ? weight : most), 0n);
      },
      ageMs: nowMs() - secondOf([...sides.values()]),
      marginMs: rivalMs - oursMs,
      isLate: late.has(ours) && late.has(rival) && this.#isWatched(contest),
    };
  }

  /** An accepted transaction against each of its rivals. */
  standoffs(ours: TxId): readonly Standoff[] {
    return this.of(ours).flatMap((contest) =>
      [...contest.sides.keys()].filter((txid) => txid !== ours).map((rival) => this.standoff(contest, ours, rival)),
    );
  }

  /** A rival against each accepted transaction with which it shares a coin. */
  standoffsAgainst(rival: TxId, weighed: Weighed): readonly Standoff[] {
    return this.of(rival).flatMap((contest) =>
      [...contest.sides.keys()]
        .filter((txid) => this.#options.ledger.isAccepted(txid))
        .map((ours) => this.standoff(contest, ours, rival, weighed)),
    );
  }
}

/** A peer says that it holds a side, and perhaps that it has settled there. */
export function report({ reports }: Contest, peer: string, side: TxId, isSettled: boolean): void {
  const before = reports.get(peer);
  const isSame = before?.side === side;
  const changes = before === undefined ? 0 : isSame ? before.changes : before.changes + 1;
  reports.set(peer, { side, changes, isSettled: isSettled || (isSame && before.isSettled), isCurrent: true });
}

/** A peer says that it holds no side. */
export function unreport({ reports }: Contest, peer: string): void {
  const before = reports.get(peer);
  if (before !== undefined) reports.set(peer, { ...before, isCurrent: false });
}

/** The second smallest. */
const secondOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[1] ?? Number.POSITIVE_INFINITY;

/** Whether a peer said it since it last said nothing, and follows the rules. */
const isCounted = ({ changes, isCurrent }: Report, { sides }: Contest): boolean => isCurrent && changes <= MAX_CHANGES * (sides.size - 1);

/** What peers hold now, of those that follow the rules. */
export const countedReports = (contest: Contest): readonly Report[] =>
  [...contest.reports.values()].filter((one) => isCounted(one, contest));
