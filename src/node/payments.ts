/** Paying: plan, work, sign, accept. The signed bytes are on disk before any leaves, because paying goes through the one door. */
import type { PaymentRequest, Quote, QuoteWarning } from '../api/node.ts';
import { checkAddress } from '../core/address.ts';
import { TtxError } from '../core/error.ts';
import { type Address, type Locator, locator, type PublicKey, type TxId } from '../core/id.ts';
import { MAX_NOTE_BYTES } from '../core/limit.ts';
import { draftOfStep, dustLimit, type PaymentPlan, planPayment } from '../core/payment.ts';
import { type Draft, encodeTransaction, type Transaction, workCore } from '../core/transaction.ts';
import type { Clock } from './clock.ts';
import type { JobHandle } from './jobs.ts';
import type { Miner } from './miner.ts';
import type { NetworkNode } from './network-node.ts';

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
}

function plan({ node, key, clock, workBits }: Payer, request: PaymentRequest): PaymentPlan {
  const { parameters } = node.network;
  checkRequest(request, parameters.hrp);
  const { to, amount, note } = request;
  return planPayment({ key, sender: node.owner, to, amount, note, time: clock.nowMs(), workBits, parameters }, node.coins);
}

function warningsOf(request: PaymentRequest, planned: PaymentPlan, owner: Address, dust: bigint): readonly QuoteWarning[] {
  const warnings: QuoteWarning[] = [];
  if (request.to === owner) warnings.push('to-self');
  else if (planned.amount > 0n && planned.amount <= dust) warnings.push('dust-amount');
  if (planned.change > 0n && planned.change <= dust) warnings.push('dust-change');
  if (planned.steps.length > 1) warnings.push('merges-coins');
  return warnings;
}

/** What a payment would cost now. @throws {TtxError} `not-enough`, `wrong-network`, `address`, `size` */
export function quotePayment(payer: Payer, request: PaymentRequest): Quote {
  const planned = plan(payer, request);
  const dust = dustLimit(payer.node.network.parameters);
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
    warnings: warningsOf(request, planned, payer.node.owner, dust),
  };
}

/**
 * Pays at the cost that was agreed to. Cancelled between steps, coins have been merged and nothing is lost.
 * @returns txid of the transaction that pays
 * @throws {TtxError} `quote-changed` when coins, cost, network or wallet changed meanwhile, `cancelled`, `not-enough`
 */
export async function makePayment(
  payer: Payer,
  request: PaymentRequest,
  agreed: Quote,
  job: JobHandle & { readonly id: string },
): Promise<TxId> {
  if (agreed.network !== payer.node.network.id || agreed.wallet !== payer.wallet || !payer.isCurrent()) throw new TtxError('quote-changed');
  const planned = plan({ ...payer, workBits: agreed.workBits }, request);
  const asAgreed = planned.amount === agreed.amount && planned.burn === agreed.burn && planned.workEffect.least >= agreed.workEffect.least;
  if (!asAgreed) throw new TtxError('quote-changed');
  const results: Locator[] = [];
  let txid: TxId | undefined;
  for (const [index, step] of planned.steps.entries()) {
    const draft = draftOfStep(step, results);
    const expectedTries = 2 ** agreed.workBits;
    job.show({ stage: 'working', step: index + 1, steps: planned.steps.length, tries: 0, expectedTries });
    const nonce = await payer.miner.mine(workCore(draft), agreed.workBits, job.signal, (progress) => job.show(progress));
    job.show({ stage: 'signing' });
    const bytes = encodeTransaction(await payer.sign(draft, nonce));
    const paid = index === planned.steps.length - 1 ? job.id : undefined;
    const [outcome] = await payer.node.acceptor.accept([bytes], paid);
    // A coin can have been spent meanwhile with the same words on another device.
    if (outcome?.kind === 'conflicted') throw new TtxError('quote-changed');
    if (outcome?.kind !== 'accepted') throw new TtxError('bug', { what: `own payment ${outcome?.kind ?? 'lost'}` });
    txid = outcome.file.txid;
    results.push(locator(outcome.file.infohash, txid));
  }
  if (txid === undefined) throw new TtxError('bug', { what: 'empty plan' });
  return txid;
}
