/** Paying: plan, work, sign, accept. The signed bytes are on disk before any leaves, because paying goes through the one door. */
import type { PaymentRequest, Quote, QuoteWarning } from '../api/node.ts';
import { addressOf, checkAddress } from '../core/address.ts';
import { attachmentModule, attachmentsOf } from '../core/attachment.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { type Locator, locator, type PublicKey, type TxId, txidOf } from '../core/id.ts';
import { MAX_NOTE_BYTES } from '../core/limit.ts';
import { draftOfStep, dustLimit, type PaymentPlan, planPayment, type SpendableCoin } from '../core/payment.ts';
import { type Draft, encodeTransaction, type Transaction, workCore } from '../core/transaction.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { NetworkNode } from './network-node.ts';
import type { JobHandle } from './wallet/jobs.ts';
import type { Miner } from './wallet/miner.ts';

/** Coins are confirmed as time passes: nothing else says so. */
const LOOK_AGAIN_MS = 1_000;

/** What paying needs of the rest of the node. Bound to one network and one wallet, whatever is opened while it works. */
export interface Payer {
  readonly node: NetworkNode;
  readonly wallet: string;
  readonly key: PublicKey;
  readonly miner: Miner;
  readonly clock: Clock;
  readonly workBits: number;
  readonly sign: (draft: Draft, nonce: number) => Promise<Transaction>;
  /** Whether network and wallet are still the open ones. */
  readonly isCurrent: () => boolean;
}

function checkRequest(request: PaymentRequest, hrp: string): void {
  if (checkAddress(request.to).hrp !== hrp) throw new TtxError('wrong-network', { address: request.to });
  if (new TextEncoder().encode(request.note ?? '').length > MAX_NOTE_BYTES) throw new TtxError('size', { what: 'note' });
  const { attachments = [] } = request;
  const readable = attachmentsOf({ modules: { attachment: attachmentModule(attachments) } });
  const isDistinct = new Set(attachments.map(({ infohash }) => infohash)).size === attachments.length;
  if (readable.length !== attachments.length || !isDistinct) throw new TtxError('attachment', { what: 'description' });
}

interface Plan extends PaymentPlan {
  /** Whether it spends what others have just paid. */
  readonly isRisky: boolean;
}

function plan({ node, key, clock, workBits }: Payer, request: PaymentRequest, ref: readonly TxId[]): Plan {
  const { parameters } = node.network;
  checkRequest(request, parameters.hrp);
  const { to, amount, note, attachments = [] } = request;
  const wanted = { key, sender: node.owner, to, amount, note, attachments, ref, time: clock.nowMs(), workBits, parameters };
  const [undisputed = [], firm = [], usable = []] = node.spendable();
  const isFirm = new Set(firm.map(({ locator }) => locator));
  const planWith = (coins: readonly SpendableCoin[]): Plan => {
    const planned = planPayment(wanted, coins);
    return { ...planned, isRisky: planned.steps.some(({ draft }) => draft.prev?.some((spent) => !isFirm.has(spent))) };
  };
  if (amount === 'all') return planWith(usable);
  // What others have just paid may be taken back by them, and with it what is paid out of it: only where nothing else is left.
  for (const coins of [undisputed, firm]) {
    try {
      return planWith(coins);
    } catch (error) {
      if (!isTtxError(error, 'not-enough')) throw error;
    }
  }
  return planWith(usable);
}

function warningsOf(request: PaymentRequest, planned: Plan, { owner, forks, network }: NetworkNode): readonly QuoteWarning[] {
  const dust = dustLimit(network.parameters);
  const warnings: QuoteWarning[] = [];
  const differing = forks.counter();
  if (planned.steps.some(({ draft }) => draft.prev?.some((spent) => differing(txidOf(spent)) > 0))) warnings.push('disputed-coins');
  if (planned.isRisky) warnings.push('unconfirmed-coins');
  if (request.to === owner) warnings.push('to-self');
  else if (planned.amount > 0n && planned.amount <= dust) warnings.push('dust-amount');
  if (planned.change > 0n && planned.change <= dust) warnings.push('dust-change');
  if (planned.steps.length > 1) warnings.push('merges-coins');
  return warnings;
}

/** What a payment would cost now. @throws {TtxError} `not-enough`, `wrong-network`, `address`, `size`, `attachment` */
export function quotePayment(payer: Payer, request: PaymentRequest): Quote {
  const ref = payer.node.tips();
  const planned = plan(payer, request, ref);
  payer.node.lookUp(new Set(planned.steps.flatMap(({ draft }) => draft.prev ?? [])));
  return {
    network: payer.node.network.id,
    wallet: payer.wallet,
    amount: planned.amount,
    steps: planned.steps.length,
    burn: planned.burn,
    workEffect: planned.workEffect,
    changeAtLeast: planned.change,
    coins: planned.coins,
    dustCoins: planned.dustCoins,
    workBits: payer.workBits,
    ref,
    warnings: warningsOf(request, planned, payer.node),
  };
}

/** The plan of a payment, if it still is what was agreed to. @throws {TtxError} `quote-changed`, `not-enough` */
function planAgreed(payer: Payer, request: PaymentRequest, agreed: Quote): Plan {
  if (agreed.network !== payer.node.network.id || agreed.wallet !== payer.wallet || !payer.isCurrent()) throw new TtxError('quote-changed');
  // What became contested meanwhile is vouched for no more, and the file is shorter without it.
  if (!agreed.ref.every((txid) => payer.node.conflicts.isBelieved(txid))) throw new TtxError('quote-changed');
  const planned = plan({ ...payer, workBits: agreed.workBits }, request, agreed.ref);
  // Money that has come meanwhile may make it cheaper.
  const asAgreed = planned.amount === agreed.amount && planned.burn <= agreed.burn && planned.workEffect.least >= agreed.workEffect.least;
  const isWarned = warningsOf(request, planned, payer.node).every((warning) => agreed.warnings.includes(warning));
  if (!asAgreed || !isWarned) throw new TtxError('quote-changed');
  return planned;
}

/**
 * Resolves when a payment that was agreed to spends nothing that another may still take back; at once where it is urgent.
 * @throws {TtxError} `quote-changed`, `not-enough`, `cancelled`
 */
export async function waitUntilConfirmed(payer: Payer, request: PaymentRequest, agreed: Quote, job: JobHandle): Promise<void> {
  while (request.isUrgent !== true && planAgreed(payer, request, agreed).isRisky) {
    job.show({ stage: 'confirming' });
    await sleep(payer.clock, LOOK_AGAIN_MS, job.signal);
  }
}

/**
 * Pays at the cost that was agreed to; unless it is urgent, with confirmed coins only. Cancelled between steps, coins have been merged and
 * nothing is lost.
 * @returns txid of the transaction that pays
 * @param files contents of the attachments, in their order
 * @throws {TtxError} `quote-changed` when coins, cost, network or wallet changed meanwhile or there is something new to warn of, `cancelled`, `not-enough`, `attachment`
 */
export async function makePayment(
  payer: Payer,
  request: PaymentRequest,
  agreed: Quote,
  files: readonly Blob[],
  job: JobHandle & { readonly id: string },
): Promise<TxId> {
  const planned = planAgreed(payer, request, agreed);
  if (planned.isRisky && request.isUrgent !== true) throw new TtxError('quote-changed');
  // Before anybody can hear of the payment: what it names is here to be fetched.
  const forgetFiles = await payer.node.attachments.attach(request.attachments ?? [], files);
  try {
    return await makeSteps(payer, planned, agreed, job);
  } catch (error) {
    await forgetFiles();
    throw error;
  }
}

/** Whether everything that a transaction spends and vouches for is still there to be. */
function stands({ node: { ledger, network, conflicts }, key }: Payer, { prev, ref }: Draft): boolean {
  // Another wallet may be open by now.
  const owner = addressOf(key, network.parameters.hrp);
  const isUnspent = (txid: TxId) => ledger.isAccepted(txid) && ledger.findSpender(txid, owner) === undefined;
  const isContested = (txid: TxId) => conflicts.standingOf(txid).stage === 'contested';
  return (prev ?? []).map(txidOf).every((txid) => isUnspent(txid) && !isContested(txid)) && ref.every((txid) => conflicts.isBelieved(txid));
}

async function makeSteps(payer: Payer, planned: PaymentPlan, agreed: Quote, job: JobHandle & { readonly id: string }): Promise<TxId> {
  const results: Locator[] = [];
  let txid: TxId | undefined;
  for (const [index, step] of planned.steps.entries()) {
    const draft = draftOfStep(step, results);
    const expectedTries = 2 ** agreed.workBits;
    job.show({ stage: 'working', step: index + 1, steps: planned.steps.length, tries: 0, expectedTries });
    const nonce = await payer.miner.mine(workCore(draft), agreed.workBits, job.signal, (progress) => job.show(progress));
    // A coin can have been spent meanwhile with the same words on another device, even while this one signs: the acceptor looks again.
    if (!stands(payer, draft)) throw new TtxError('quote-changed');
    job.show({ stage: 'signing' });
    const bytes = encodeTransaction(await payer.sign(draft, nonce));
    const origin = { isOwn: true, ...(index === planned.steps.length - 1 ? { job: job.id } : {}) };
    const [outcome] = await payer.node.acceptor.accept([bytes], origin);
    if (outcome?.kind === 'conflicted') throw new TtxError('quote-changed');
    if (outcome?.kind !== 'accepted') throw new TtxError('bug', { what: `own payment ${outcome?.kind ?? 'lost'}` });
    txid = outcome.file.txid;
    results.push(locator(outcome.file.infohash, txid));
  }
  if (txid === undefined) throw new TtxError('bug', { what: 'empty plan' });
  return txid;
}
