/**
 * What a page was told by the node, recorded outside of the browser, so that it outlives the browser: the states, and what calls
 * returned. Read off the messages between the threads; the app knows nothing of it.
 */
import type { BrowserContext } from '@playwright/test';
import type { NodeState, Proof } from '../src/api/node.ts';

/** A payment or genesis in the wallet's history. */
export interface ReportedEntry {
  readonly txid: string;
  readonly kind: string;
  readonly note?: string;
}

/** What of a state must outlive a crash. Amounts in base units, as text. */
export interface ReportedState {
  readonly address: string;
  readonly networks: readonly string[];
  readonly network?: {
    readonly id: string;
    readonly supply: string;
    readonly balance: string;
    readonly transactions: number;
    readonly activity: readonly ReportedEntry[];
    readonly readyPeers: number;
  };
  readonly isOpening: boolean;
  readonly acceptances: readonly { readonly id: string; readonly stage: string }[];
  readonly trouble?: string;
}

/** Everything that one run of a browser was told. */
export class Record {
  readonly states: ReportedState[] = [];
  /** txids of the proofs that calls returned. */
  readonly proofs: string[] = [];

  get last(): ReportedState | undefined {
    return this.states.at(-1);
  }
}

/** Runs in the page before the app. */
function watchMessages(): void {
  const page = window as unknown as { reportState(state: unknown): void; reportProof(txid: string): void; forcedId?: string };
  const isState = (value: Partial<NodeState>): value is NodeState =>
    value.wallet !== undefined && value.networks !== undefined && value.acceptances !== undefined;
  const isProof = (value: Partial<Proof>): value is Proof => typeof value.txid === 'string' && typeof value.magnet === 'string';
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isState(value)) {
      const { network } = value;
      page.reportState({
        address: value.wallet.address,
        networks: value.networks.map(({ id }) => id),
        isOpening: value.isOpening,
        acceptances: value.acceptances.map(({ id, stage }) => ({ id, stage: stage.kind })),
        trouble: value.trouble?.code,
        network: network && {
          id: network.id,
          supply: String(network.supply),
          balance: String(network.balance.total),
          transactions: network.transactions,
          activity: network.activity.map(({ txid, kind, note }) => ({ txid, kind, note })),
          readyPeers: network.peers.filter(({ status }) => status === 'ready').length,
        },
      });
    } else if (isProof(value)) page.reportProof(value.txid);
  };
  const { addEventListener } = EventTarget.prototype;
  const watched = new WeakSet<EventTarget>();
  EventTarget.prototype.addEventListener = function (this: EventTarget, ...values: Parameters<EventTarget['addEventListener']>) {
    if (values[0] === 'message' && (this instanceof Worker || this instanceof MessagePort) && !watched.has(this)) {
      watched.add(this);
      const record = ({ data }: Event & { data?: { value?: unknown; argumentList?: { value?: unknown }[] } }) => {
        look(data?.value);
        for (const argument of data?.argumentList ?? []) look(argument.value);
      };
      Reflect.apply(addEventListener, this, ['message', record]);
    }
    return Reflect.apply(addEventListener, this, values);
  };
  const randomUUID = crypto.randomUUID.bind(crypto);
  // The page names its jobs; a test that asks twice for one payment chooses the name.
  crypto.randomUUID = () => (page.forcedId as ReturnType<typeof randomUUID> | undefined) ?? randomUUID();
}

/** Records what all pages of `context` are told from now on. */
export async function record(context: BrowserContext): Promise<Record> {
  const recorded = new Record();
  await context.exposeFunction('reportState', (state: ReportedState) => void recorded.states.push(state));
  await context.exposeFunction('reportProof', (txid: string) => void recorded.proofs.push(txid));
  await context.addInitScript(watchMessages);
  return recorded;
}
