import { describe, expect, it } from 'vitest';
import { Updates } from './updates.ts';

class FakeWorker extends EventTarget {
  readonly messages: unknown[] = [];
  postMessage(message: unknown): void {
    this.messages.push(message);
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = null;
  looks = 0;
  async update(): Promise<void> {
    this.looks++;
    throw new TypeError('offline');
  }
  /** A version arrives; one that waits for nobody takes over by the browser's own doing. */
  find(): FakeWorker {
    const worker = new FakeWorker();
    this.installing = worker;
    this.dispatchEvent(new Event('updatefound'));
    this.installing = null;
    if (this.active === null) this.active = worker;
    else this.waiting = worker;
    worker.dispatchEvent(new Event('statechange'));
    return worker;
  }
}

class FakeContainer extends EventTarget {
  controller: FakeWorker | null = null;
  readonly registration = new FakeRegistration();
  fails = false;
  async register(): Promise<FakeRegistration> {
    if (this.fails) throw new TypeError('Failed to register');
    return this.registration;
  }
  take(): void {
    this.controller = this.registration.active;
    this.dispatchEvent(new Event('controllerchange'));
  }
}

function open(container: FakeContainer) {
  const done = { reloads: 0, look: () => {} };
  const updates = new Updates({
    container: container as unknown as ServiceWorkerContainer,
    register: async () => (await container.register()) as unknown as ServiceWorkerRegistration,
    reload: () => {
      done.reloads++;
    },
    every: (_, action) => {
      done.look = action;
      return () => {};
    },
  });
  return { updates, done };
}

/** A tab that the version at work has given to. */
async function openControlled() {
  const container = new FakeContainer();
  container.registration.active = new FakeWorker();
  container.controller = container.registration.active;
  const tab = open(container);
  await tab.updates.start();
  return { ...tab, container };
}

describe('updates', () => {
  it('says nothing of the first version, which takes over by itself', async () => {
    const container = new FakeContainer();
    const { updates, done } = open(container);
    await updates.start();
    container.registration.find();
    container.take();
    expect(updates.state.value).toBe('none');
    expect(done.reloads).toBe(0);
  });

  it('offers a version that was fetched, and loads it only when agreed to', async () => {
    const { updates, container, done } = await openControlled();
    const worker = container.registration.find();
    expect(updates.state.value).toBe('ready');
    expect(worker.messages).toEqual([]);
    updates.apply();
    expect(updates.state.value).toBe('applying');
    expect(worker.messages).toEqual([{ kind: 'activate' }]);
    expect(done.reloads).toBe(0);
    container.take();
    expect(done.reloads).toBe(1);
  });

  it('offers a version that has waited since before the page was opened', async () => {
    const container = new FakeContainer();
    container.registration.active = new FakeWorker();
    container.registration.waiting = new FakeWorker();
    container.controller = container.registration.active;
    const { updates } = open(container);
    await updates.start();
    expect(updates.state.value).toBe('ready');
  });

  it('does not reload a tab because another one has agreed', async () => {
    const { updates, container, done } = await openControlled();
    container.registration.find();
    container.registration.active = container.registration.waiting;
    container.registration.waiting = null;
    container.take();
    expect(updates.state.value).toBe('elsewhere');
    expect(done.reloads).toBe(0);
    updates.apply();
    expect(done.reloads).toBe(1);
  });

  it('works without a service worker, and without a connection to look for a new one', async () => {
    const container = new FakeContainer();
    container.fails = true;
    const { updates } = open(container);
    await updates.start();
    expect(updates.state.value).toBe('none');
    const { container: other, done } = await openControlled();
    done.look();
    expect(other.registration.looks).toBe(1);
  });
});
