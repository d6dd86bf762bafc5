/** Starts the node's worker and gives its API. The one file of the page that knows of the thread. */
import * as Comlink from 'comlink';
import type { NodeApi } from '../api/node.ts';
import { tabLock } from '../api/tab.ts';
import { installErrorTransfer } from '../api/transfer.ts';
import { startRtcHost } from './rtc-host.ts';
import type { NodeConnection, OwnNode } from './tabs.ts';

/**
 * Starts the worker and wires the WebRTC bridge to it. Errors arrive as TtxError.
 * @param onCrash called when the worker could not be loaded or died of an uncaught error
 */
export function spawnNode(onCrash: (message: string) => void): OwnNode {
  const worker = new Worker(new URL('../../workers/node.worker.ts', import.meta.url), { type: 'module', name: 'node' });
  worker.addEventListener('error', (event) => onCrash(event.message ?? 'the worker could not be loaded'));
  const { port1, port2 } = new MessageChannel();
  const host = startRtcHost(port1);
  worker.postMessage({ kind: 'rtc-port', port: port2 }, [port2]);
  return {
    api: wrap(worker),
    admit: (port) => worker.postMessage({ kind: 'tab-port', port }, [port]),
    close: () => {
      worker.terminate();
      host.stop();
    },
  };
}

/** Reaches a node in another tab. */
export function connectNode(port: MessagePort): NodeConnection {
  return { api: wrap(port), close: () => port.close() };
}

/** Holds a lock for as long as this tab lives, so that the node knows when it is gone. @returns the tab's id */
export function nameTab(): string {
  const tab = crypto.randomUUID();
  navigator.locks.request(tabLock(tab), () => new Promise(() => undefined)).catch(() => undefined);
  return tab;
}

function wrap(endpoint: Comlink.Endpoint): NodeApi {
  installErrorTransfer();
  const remote = Comlink.wrap<NodeApi>(endpoint);
  return {
    start: (tab, facts, listener) => remote.start(tab, facts, Comlink.proxy(listener)),
    drawn: () => remote.drawn(),
    ping: () => remote.ping(),
    setConditions: (tab, conditions) => remote.setConditions(tab, conditions),
    leave: (tab) => remote.leave(tab),
    stop: () => remote.stop(),
    loadWords: () => remote.loadWords(),
    confirmBackup: (wallet, typed) => remote.confirmBackup(wallet, typed),
    restoreWallet: (words) => remote.restoreWallet(words),
    switchWallet: (id) => remote.switchWallet(id),
    foundNetwork: (jobId, request) => remote.foundNetwork(jobId, request),
    joinNetwork: (jobId, link, mode) => remote.joinNetwork(jobId, link, mode),
    setMode: (id, mode) => remote.setMode(id, mode),
    openNetwork: (id) => remote.openNetwork(id),
    leaveNetwork: (id) => remote.leaveNetwork(id),
    claimTestCoins: () => remote.claimTestCoins(),
    loadInvitation: () => remote.loadInvitation(),
    startPairing: () => remote.startPairing(),
    answerPairing: (code) => remote.answerPairing(code),
    awaitPairing: () => remote.awaitPairing(),
    finishPairing: (code) => remote.finishPairing(code),
    cancelPairing: () => remote.cancelPairing(),
    addTracker: (url) => remote.addTracker(url),
    removeTracker: (url) => remote.removeTracker(url),
    quote: (request) => remote.quote(request),
    describeAttachment: (file, name) => remote.describeAttachment(file, name),
    pay: (jobId, request, agreed, files) => remote.pay(jobId, request, agreed, files),
    cancelJob: (jobId) => remote.cancelJob(jobId),
    dismissUnsent: (jobId) => remote.dismissUnsent(jobId),
    loadProof: (txid) => remote.loadProof(txid),
    loadProofFile: (txid) => remote.loadProofFile(txid),
    loadEvidence: (txid) => remote.loadEvidence(txid),
    loadFork: (txid) => remote.loadFork(txid),
    previewFollow: (txid) => remote.previewFollow(txid),
    followSide: (txid) => remote.followSide(txid),
    checkEvidence: (file) => remote.checkEvidence(file),
    accept: (link) => remote.accept(link),
    acceptFile: (file) => remote.acceptFile(file),
    dismissAcceptance: (id) => remote.dismissAcceptance(id),
    loadActivity: (offset, count) => remote.loadActivity(offset, count),
    loadTransaction: (txid) => remote.loadTransaction(txid),
    fetchAttachment: (txid, infohash) => remote.fetchAttachment(txid, infohash),
    cancelAttachment: (infohash) => remote.cancelAttachment(infohash),
    loadAttachment: (txid, infohash) => remote.loadAttachment(txid, infohash),
    setWorkBits: (bits) => remote.setWorkBits(bits),
    setStorageBudget: (bytes) => remote.setStorageBudget(bytes),
    setPersisted: (persisted) => remote.setPersisted(persisted),
  };
}
