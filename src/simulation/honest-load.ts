/** Payments that nobody disputes, made while something else goes on: they show what it costs those who have nothing to do with it. */
import type { TransactionFile } from '../core/transaction.ts';
import type { Person } from '../node/testkit/people.ts';
import { type Inhabitant, isConfirmed, type World } from './world.ts';

const IN_TIME_MS = 20_000;
/** Coins of a payer are spent no sooner than this one after the other. */
const PAYER_RESTS_MS = 25_000;
/** No payment is confirmed sooner. */
const CONFIRMED_AFTER_MS = 14_000;

/** What became of the payments that are older than 20 s. */
export interface HonestReport {
  /** Each payment counted at every node. */
  readonly seen: number;
  /** Of these, those called "confirmed" within 20 s of their release. */
  readonly confirmedIn20s: number;
  readonly payments: number;
  /** Payments that every node called so in time. */
  readonly confirmedEverywhere: number;
}

interface Payment {
  readonly file: TransactionFile;
  readonly releasedMs: number;
  readonly unconfirmed: Set<Inhabitant>;
}

interface LoadOptions {
  readonly world: World;
  readonly perSecond: number;
  /** Who is paid through, and who is looked at. */
  readonly nodes: readonly Inhabitant[];
}

/** Payers that it takes to make so many payments a second, each resting between two of his. */
export const payersFor = (perSecond: number): number => Math.ceil((perSecond * PAYER_RESTS_MS) / 1_000);

/** Honest payments in one network. */
export class HonestLoad {
  readonly #options: LoadOptions;
  readonly #payments: Payment[] = [];
  #isOver = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** All that was paid. */
  get files(): readonly TransactionFile[] {
    return this.#payments.map(({ file }) => file);
  }

  /** One payment after the other, at random times, each payer in turn: as many as {@link payersFor} says, with a coin each. */
  start(payers: readonly Person[]): void {
    if (this.#isOver) return;
    const { world, perSecond, nodes } = this.#options;
    const payer = payers[this.#payments.length % payers.length];
    if (payer === undefined) return;
    const file = world.createPayment(payer);
    this.#payments.push({ file, releasedMs: world.clock.nowMs(), unconfirmed: new Set(nodes) });
    const { acceptor } = world.pick(nodes).node;
    acceptor.accept([file.bytes]).catch((error: unknown) => world.failures.push(error));
    world.clock.after((-Math.log(1 - world.random()) * 1_000) / perSecond, () => this.start(payers));
  }

  /** No more payments. */
  end(): void {
    this.#isOver = true;
  }

  /** To be called often. */
  look(): void {
    const nowMs = this.#options.world.clock.nowMs();
    for (const { file, releasedMs, unconfirmed } of this.#payments) {
      if (nowMs > releasedMs + IN_TIME_MS || nowMs < releasedMs + CONFIRMED_AFTER_MS) continue;
      for (const inhabitant of unconfirmed) if (isConfirmed(inhabitant, file)) unconfirmed.delete(inhabitant);
    }
  }

  report(): HonestReport {
    const { world, nodes } = this.#options;
    const old = this.#payments.filter(({ releasedMs }) => releasedMs + IN_TIME_MS <= world.clock.nowMs());
    const seen = old.length * nodes.length;
    return {
      seen,
      confirmedIn20s: seen - old.reduce((sum, { unconfirmed }) => sum + unconfirmed.size, 0),
      payments: old.length,
      confirmedEverywhere: old.filter(({ unconfirmed }) => unconfirmed.size === 0).length,
    };
  }
}
