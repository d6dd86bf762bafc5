/** What the screens are told of networks: one plain value put together from the parts of the node. */
import type { NodeState, OpenNetwork, TrackerState } from '../api/node.ts';
import type { TxId } from '../core/id.ts';
import type { CurrentNetwork } from './current-network.ts';
import type { Memberships } from './memberships.ts';
import type { NetworkBook } from './network-book.ts';
import type { NetworkNode } from './network-node.ts';
import type { Orders } from './orders.ts';
import type { Keyring } from './wallet/keyring.ts';
import { RECENT_ACTIVITY } from './wallet/wallet.ts';

export type NetworksState = Pick<NodeState, 'networks' | 'unreadableNetworks' | 'network' | 'isOpening' | 'acceptances' | 'unsent'>;

interface Described {
  readonly keys: Pick<Keyring, 'id'>;
  readonly networks: NetworkBook;
  readonly current: CurrentNetwork;
  readonly memberships: Memberships;
  readonly orders: Orders;
}

/** The person's networks, and what the open one is about. */
export function describeNetworks({ keys, networks, current, memberships, orders }: Described, devnetId: TxId | undefined): NetworksState {
  const { node } = current;
  return {
    networks: networks.list().map(({ summary }) => summary),
    unreadableNetworks: networks.unreadable,
    network: node && describeNetwork(node, networks, devnetId),
    isOpening: memberships.isOpening,
    acceptances: node?.acceptances.list() ?? [],
    unsent: node === undefined ? [] : orders.unsent(node.network.id, keys.id),
  };
}

/** The open network as the screens see it. */
function describeNetwork(open: NetworkNode, book: NetworkBook, devnetId: TxId | undefined): OpenNetwork | undefined {
  const { id, parameters } = open.network;
  const joined = book.find(id);
  if (joined === undefined) return undefined;
  return {
    ...joined.summary,
    isDevnet: id === devnetId,
    parameters,
    supply: open.ledger.supply,
    transactions: open.ledger.size,
    pending: open.acceptor.pool.size,
    toFetch: open.fetcher.size,
    sync: open.syncProgress(),
    newerPeers: open.exchange.newerPeers,
    balance: open.balance,
    isUnanswered: open.conflicts.isUnanswered,
    activity: open.history.page(0, RECENT_ACTIVITY),
    activityTotal: open.history.size,
    trackers: describeTrackers(open, book),
    peers: open.exchange.peers().map(({ ready, ...peer }) => {
      const relation = open.forks.relationTo(peer.id);
      return { ...peer, status: ready ? 'ready' : 'greeting', relation };
    }),
    forks: open.forks.news(),
    storage: open.storage,
    fetches: open.attachments.fetches(),
    seeds: open.seeds(),
  };
}

function describeTrackers(open: NetworkNode, book: NetworkBook): readonly TrackerState[] {
  const status = new Map(open.trackerStatus().map((tracker) => [tracker.url, tracker.status]));
  return book.trackersOf(open.network.id).map((tracker) => ({ ...tracker, status: status.get(tracker.url) ?? 'connecting' }));
}
