/** The page's side of the node: its state as signals, and the intents that outlive a screen. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type {
  Conditions,
  ErrorReport,
  Evidence,
  FoundRequest,
  HostFacts,
  NetworkMode,
  NetworkSummary,
  NodeApi,
  NodeState,
  PaymentRequest,
  Proof,
  Quote,
} from '../api/node.ts';
import { Intent } from './intent.ts';
import { readProofFile } from './proof-file.ts';
import { toReport } from './report.ts';

/** Something that takes time and may fail. */
export type Loadable<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** A payment that the person has agreed to. */
export interface PaymentOrder {
  readonly request: PaymentRequest;
  readonly agreed: Quote;
  /** Contents of its attachments, in their order. */
  readonly files?: readonly Blob[];
}

/** An invitation that is followed. */
export interface JoinRequest {
  readonly link: string;
  /** Full if absent. */
  readonly mode?: NetworkMode;
}

/** What the client needs of the page. */
export interface NodeClientDoors {
  readonly api: NodeApi;
  /** This tab's name. */
  readonly tab: string;
  readonly facts: HostFacts;
  /** Runs `draw` before the next picture is painted; at once when the page is hidden and paints none. */
  readonly schedule: (draw: () => void) => void;
  readonly newId: () => string;
}

/** What became of a file that somebody chose or dropped. */
export type Opened = { readonly kind: 'acceptance'; readonly id: string } | { readonly kind: 'evidence'; readonly evidence: Evidence };

const OPENING_BRACE = 0x7b;

/** JSON starts with a brace, and a torrent with a `d`. */
async function openFile(api: NodeApi, file: Blob): Promise<Opened> {
  const bytes = await readProofFile(file);
  if (bytes[0] === OPENING_BRACE) return { kind: 'evidence', evidence: await api.checkEvidence(bytes) };
  return { kind: 'acceptance', id: await api.acceptFile(bytes) };
}

/** Holds the latest state and gives one change per frame to whoever looks. */
export class NodeClient {
  readonly api: NodeApi;
  readonly payment: Intent<PaymentOrder, Proof>;
  readonly founding: Intent<FoundRequest, NetworkSummary>;
  readonly joining: Intent<JoinRequest, NetworkSummary>;
  /** Accepting a payment from a proof file, or checking evidence of a double spend. */
  readonly opening: Intent<Blob, Opened>;
  /** Getting test coins for the wallet with this id; false when it has had them. */
  readonly claiming: Intent<string, boolean>;
  readonly #doors: NodeClientDoors;
  readonly #state = signal<Loadable<NodeState>>({ kind: 'loading' });
  readonly #mishap = signal<ErrorReport | undefined>(undefined);
  readonly #isBehind = signal(false);
  #latest: NodeState | undefined;
  #drawn: NodeState | undefined;

  constructor(doors: NodeClientDoors) {
    const { api, newId } = doors;
    this.#doors = doors;
    this.api = api;
    const cancel = (jobId: string) => api.cancelJob(jobId);
    this.payment = new Intent({ run: (jobId, { request, agreed, files }) => api.pay(jobId, request, agreed, files), cancel, newId });
    this.founding = new Intent({ run: (jobId, request) => api.foundNetwork(jobId, request), cancel, newId });
    this.joining = new Intent({ run: (jobId, { link, mode }) => api.joinNetwork(jobId, link, mode), cancel, newId });
    this.opening = new Intent({ run: (_, file) => openFile(api, file), cancel, newId });
    this.claiming = new Intent({ run: () => api.claimTestCoins(), cancel, newId });
  }

  /** What the screens show. */
  get state(): ReadonlySignal<Loadable<NodeState>> {
    return this.#state;
  }

  /** The newest state, even when it has not been drawn yet. */
  get latest(): NodeState | undefined {
    return this.#latest;
  }

  /** Starts the node. A failure is in {@link state}. */
  async start(): Promise<void> {
    try {
      await this.#doors.api.start(this.#doors.tab, this.#doors.facts, (state) => this.#receive(state));
    } catch (thrown) {
      this.fail(toReport(thrown));
    }
  }

  /** Tells the node what this tab sees of the device. */
  tell(conditions: Conditions): void {
    this.api.setConditions(this.#doors.tab, conditions).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#doors.api.stop();
  }

  /** Whether another tab runs the node with another version of the app: what is shown here is what was true before. */
  get isBehind(): ReadonlySignal<boolean> {
    return this.#isBehind;
  }

  setBehind(isBehind: boolean): void {
    this.#isBehind.value = isBehind;
  }

  /** The last error that no call was there to catch. The node may well live on. */
  get mishap(): ReadonlySignal<ErrorReport | undefined> {
    return this.#mishap;
  }

  /** Shows an error that the worker did not catch: on a page of its own while nothing else can be shown, else beside the rest. */
  fail(error: ErrorReport): void {
    if (this.#state.value.kind === 'ready') this.#mishap.value = error;
    else this.#state.value = { kind: 'failed', error };
  }

  #receive(state: NodeState): void {
    const scheduled = this.#latest !== this.#drawn;
    this.#latest = state;
    if (scheduled) return;
    this.#doors.schedule(() => {
      const latest = this.#latest;
      this.#drawn = latest;
      if (latest !== undefined) this.#state.value = { kind: 'ready', value: latest };
    });
  }
}
