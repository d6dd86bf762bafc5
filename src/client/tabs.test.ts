import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { NodeApi } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import { type OwnNode, Tabs } from './tabs.ts';

/** Web Locks of one name, with what the spec says of queueing and stealing. */
class FakeLocks {
  holder: { clientId: string; reject: (error: unknown) => void } | undefined;
  readonly queue: (() => void)[] = [];

  of(clientId: string): Pick<LockManager, 'request' | 'query'> {
    const request = (_name: string, options: LockOptions, task: (lock: object | null) => Promise<unknown>) =>
      new Promise((resolve, reject) => {
        const grant = () => {
          const holder = { clientId, reject };
          this.holder = holder;
          task({}).then((value) => {
            resolve(value);
            if (this.holder === holder) this.release();
          }, reject);
        };
        if (options.steal) {
          this.holder?.reject(new DOMException('stolen', 'AbortError'));
          return grant();
        }
        const isFree = this.holder === undefined && this.queue.length === 0;
        if (options.ifAvailable && !isFree) return task(null).then(resolve, reject);
        options.signal?.addEventListener('abort', () => {
          const at = this.queue.indexOf(grant);
          if (at >= 0) this.queue.splice(at, 1);
          if (at >= 0) reject(new DOMException('aborted', 'AbortError'));
        });
        if (isFree) grant();
        else this.queue.push(grant);
      });
    return {
      request: request as LockManager['request'],
      query: async () =>
        ({ held: this.holder === undefined ? [] : [{ name: 'ttx-node', clientId: this.holder.clientId }], pending: [] }) as never,
    };
  }

  release(): void {
    this.holder = undefined;
    this.queue.shift()?.();
  }
}

interface World {
  locks: FakeLocks;
  channels: Map<string, (event: MessageEvent) => void>;
  tabs: Map<string, Tabs>;
  frozen: Set<string>;
  hidden: Set<string>;
  closed: string[];
  calls: string[];
  hasBroker: boolean;
  busy: Set<string>;
  /** When nodes have started; at once by default. */
  started: Promise<void>;
  /** Tabs of another version than the others. */
  newer: Set<string>;
  behind: Map<string, boolean>;
  /** Tabs in which a payment takes until their node is stopped. */
  waiting: Set<string>;
  /** When the nodes of these tabs have stopped. */
  stopping: Map<string, Promise<void>>;
  failures: unknown[];
}
let world: World;
beforeEach(() => {
  vi.useFakeTimers();
  world = {
    locks: new FakeLocks(),
    channels: new Map(),
    tabs: new Map(),
    frozen: new Set(),
    hidden: new Set(),
    closed: [],
    calls: [],
    hasBroker: true,
    busy: new Set(),
    started: Promise.resolve(),
    newer: new Set(),
    waiting: new Set(),
    behind: new Map(),
    stopping: new Map(),
    failures: [],
  };
});

/** Ports carry the name of the tab that they lead to. */
const reached = new WeakMap<MessagePort, string>();

function nodeOf(tab: string): OwnNode {
  let stop = () => {};
  const answer = (method: string) => () => {
    world.calls.push(`${tab}.${method}`);
    if (method === 'pay' && world.waiting.has(tab)) {
      return new Promise((_, reject) => {
        stop = () => reject(new TtxError('moved'));
      });
    }
    if (method === 'stop') stop();
    if (method === 'start') return world.started;
    if (method === 'stop' && world.stopping.has(tab)) return world.stopping.get(tab);
    return world.frozen.has(tab) || world.closed.includes(tab) ? new Promise(() => undefined) : Promise.resolve(`${method} by ${tab}`);
  };
  return {
    api: new Proxy({} as NodeApi, { get: (_, method: string) => answer(method) }) as NodeApi,
    admit: (port) => reached.set(port, tab),
    close: () => world.closed.push(`${tab}'s node`),
  };
}

function openTab(name: string): Tabs {
  const tabs = new Tabs({
    locks: world.locks.of(name),
    channel: {
      postMessage: (data: unknown) => {
        for (const [other, hear] of world.channels)
          if (other !== name && !world.frozen.has(other)) queueMicrotask(() => hear({ data } as MessageEvent));
      },
      addEventListener: (_: string, hear: unknown) => world.channels.set(name, hear as (event: MessageEvent) => void),
      close: () => undefined,
    } as never,
    contract: world.newer.has(name) ? 'newer' : 'older',
    // Browsers freeze only tabs that are not looked at.
    isVisible: () => !world.hidden.has(name) && !world.frozen.has(name),
    isAwake: () => !world.frozen.has(name),
    isIdle: () => !world.busy.has(name),
    spawn: () => nodeOf(name),
    connect: () => {
      const leader = world.locks.holder?.clientId ?? '';
      return { api: nodeOf(leader).api, close: () => undefined };
    },
    send: async (clientId, port) => {
      if (world.hasBroker && !world.frozen.has(clientId)) world.tabs.get(clientId)?.admit(port);
      return world.hasBroker;
    },
    failed: (error) => world.failures.push(error),
    leftBehind: (isBehind) => world.behind.set(name, isBehind),
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
  });
  world.tabs.set(name, tabs);
  tabs.start();
  return tabs;
}

/** The tab closes or crashes: the browser passes its lock on. */
function closeTab(name: string): void {
  world.closed.push(name);
  world.channels.delete(name);
  if (world.locks.holder?.clientId === name) world.locks.release();
}

test('the first tab runs the node and the second uses it', async () => {
  const [first, second] = [openTab('a'), openTab('b')];
  await vi.advanceTimersByTimeAsync(10);
  expect([first.isLeader, second.isLeader]).toEqual([true, false]);
  expect(await first.api.loadWords()).toBe('loadWords by a');
  expect(await second.api.loadWords()).toBe('loadWords by a');
});

test('when the leader closes another tab leads, and a call under way is answered by it', async () => {
  openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  world.frozen.add('a');
  const words = second.api.loadWords();
  await vi.advanceTimersByTimeAsync(10);
  closeTab('a');
  await vi.advanceTimersByTimeAsync(10);
  expect(await words).toBe('loadWords by b');
  expect(second.isLeader).toBe(true);
});

test('founding a network is not repeated by itself: the page is told that the tab is gone', async () => {
  openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  world.frozen.add('a');
  const founding = second.api.foundNetwork('job', {} as never);
  founding.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10);
  closeTab('a');
  await expect(founding).rejects.toEqual(new TtxError('moved'));
});

test('a frozen leader is replaced within 10 s, and its node is gone when it thaws', async () => {
  const first = openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  world.frozen.add('a');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(second.isLeader).toBe(true);
  expect(await second.api.loadWords()).toBe('loadWords by b');
  expect(world.closed).toContain("a's node");
  expect(first.isLeader).toBe(false);
});

test('a hidden tab does not take over from a frozen one until it is looked at', async () => {
  openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  world.hidden.add('b');
  world.frozen.add('a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(second.isLeader).toBe(false);
  world.hidden.delete('b');
  second.seen();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(second.isLeader).toBe(true);
});

test('a visible tab takes over from a hidden one, unless that one is working', async () => {
  const first = openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  world.hidden.add('a');
  world.busy.add('a');
  second.seen();
  await vi.advanceTimersByTimeAsync(10);
  expect(first.isLeader).toBe(true);
  world.busy.delete('a');
  second.seen();
  await vi.advanceTimersByTimeAsync(3_000);
  expect([first.isLeader, second.isLeader]).toEqual([false, true]);
  expect(world.calls).toContain('a.stop');
  expect(await first.api.loadWords()).toBe('loadWords by b');
});

test('a visible tab takes over from a hidden one as soon as that one is idle, with nobody touching it', async () => {
  const first = openTab('a');
  await vi.advanceTimersByTimeAsync(10);
  world.hidden.add('a');
  world.busy.add('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(20_000);
  expect([first.isLeader, second.isLeader]).toEqual([true, false]);
  world.busy.delete('a');
  await vi.advanceTimersByTimeAsync(5_000);
  expect([first.isLeader, second.isLeader]).toEqual([false, true]);
});

test('a node that takes over and cannot start is not passed over in silence', async () => {
  openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  await second.api.start('tab', {} as never, () => undefined);
  world.started = Promise.reject(new TtxError('storage-full'));
  world.started.catch(() => undefined);
  closeTab('a');
  await vi.advanceTimersByTimeAsync(10);
  expect(world.failures).toEqual([new TtxError('storage-full')]);
});

test('without a service worker the tab that is looked at leads, and two visible ones do not fight', async () => {
  world.hasBroker = false;
  const first = openTab('a');
  await vi.advanceTimersByTimeAsync(10);
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(20_000);
  const leaders = [first, second].filter((tabs) => tabs.isLeader);
  expect(leaders).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([first, second].filter((tabs) => tabs.isLeader)).toEqual(leaders);
  first.seen();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(first.isLeader).toBe(true);
});

test('whoever watched the state watches the next node too', async () => {
  openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  await second.api.start('tab', {} as never, () => undefined);
  closeTab('a');
  await vi.advanceTimersByTimeAsync(10);
  expect(world.calls.filter((call) => call === 'b.start')).toHaveLength(1);
});

test('a call goes to the next node only when that has started: before, it knows of no network', async () => {
  openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  await second.api.start('tab', {} as never, () => undefined);
  world.frozen.add('a');
  const paid = second.api.pay('job', {} as never, {} as never);
  await vi.advanceTimersByTimeAsync(10);
  let start = () => {};
  world.started = new Promise((resolve) => {
    start = resolve;
  });
  closeTab('a');
  await vi.advanceTimersByTimeAsync(10);
  expect(world.calls).not.toContain('b.pay');
  start();
  expect(await paid).toBe('pay by b');
});

test('a payment that waits in a tab whose node is given up goes on in the next, and is asked of each once', async () => {
  const first = openTab('a');
  world.waiting.add('a');
  const paid = first.api.pay('job', {} as never, {} as never);
  await vi.advanceTimersByTimeAsync(10);
  const second = openTab('b');
  world.hidden.add('a');
  second.seen();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await paid).toBe('pay by b');
  expect(world.calls.filter((call) => call.endsWith('.pay'))).toEqual(['a.pay', 'b.pay']);
});

test('a leader that has its lock stolen while it steps down, and leads again before it would have been done, keeps its new node', async () => {
  const first = openTab('a');
  const second = openTab('b');
  await vi.advanceTimersByTimeAsync(10);
  world.stopping.set('a', new Promise(() => undefined));
  world.hidden.add('a');
  second.seen();
  await vi.advanceTimersByTimeAsync(100);
  expect(world.calls).toContain('a.stop');
  // A third tab takes over and is closed again; b is next in the queue, and passes it on to a.
  world.locks.of('c').request('ttx-node', { steal: true }, async () => undefined);
  await vi.advanceTimersByTimeAsync(100);
  world.hidden.delete('a');
  world.hidden.add('b');
  first.seen();
  await vi.advanceTimersByTimeAsync(100);
  expect([first.isLeader, second.isLeader]).toEqual([true, false]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([first.isLeader, second.isLeader]).toEqual([true, false]);
  expect(world.closed.filter((name) => name === "a's node")).toHaveLength(1);
  expect(await first.api.loadWords()).toBe('loadWords by a');
});

describe('two versions of the app', () => {
  const start = (tabs: Tabs) => tabs.api.start('tab', {} as never, () => undefined);

  test('the newer takes the node over, and the older says so and asks nothing of it', async () => {
    const first = openTab('a');
    await start(first);
    world.newer.add('b');
    const second = openTab('b');
    await vi.advanceTimersByTimeAsync(1_000);
    expect([first.isLeader, second.isLeader]).toEqual([false, true]);
    expect(world.closed).toContain("a's node");
    expect(world.behind.get('a')).toBe(true);
    await expect(first.api.loadWords()).rejects.toEqual(new TtxError('other-version'));
    expect(await second.api.loadWords()).toBe('loadWords by b');
  });

  test('the older does not take it back when it is looked at, and works again when it is the only one left', async () => {
    const first = openTab('a');
    await start(first);
    world.newer.add('b');
    const second = openTab('b');
    await start(second);
    await vi.advanceTimersByTimeAsync(1_000);
    world.hidden.add('b');
    first.seen();
    await vi.advanceTimersByTimeAsync(20_000);
    expect([first.isLeader, second.isLeader]).toEqual([false, true]);
    closeTab('b');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await first.api.loadWords()).toBe('loadWords by a');
    expect(world.behind.get('a')).toBe(false);
  });

  test('of those that wait the newer ones go first', async () => {
    const first = openTab('a');
    await start(first);
    for (const name of ['b', 'c']) world.newer.add(name);
    openTab('b');
    await vi.advanceTimersByTimeAsync(1_000);
    const third = openTab('c');
    await start(third);
    closeTab('b');
    await vi.advanceTimersByTimeAsync(1_000);
    expect([first.isLeader, third.isLeader]).toEqual([false, true]);
    expect([world.behind.get('a'), world.behind.get('c')]).toEqual([true, false]);
  });

  test('a tab that was asked something while the node changed hands is told when it is of the other version', async () => {
    const first = openTab('a');
    await start(first);
    world.frozen.add('a');
    const words = first.api.loadWords();
    words.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(10);
    world.frozen.delete('a');
    world.newer.add('b');
    openTab('b');
    await expect(words).rejects.toEqual(new TtxError('other-version'));
  });
});
