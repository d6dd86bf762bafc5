import { describe, expect, it, vi } from 'vitest';
import { Asked } from './asked.ts';

function deferred() {
  let [resolve, reject] = [(): void => undefined, (): void => undefined];
  const change = new Promise<void>((done, failed) => {
    resolve = done;
    reject = () => failed(new Error('no'));
  });
  return { change, resolve, reject };
}

describe('what was asked for', () => {
  it('is shown until it has come true', async () => {
    const asked = new Asked<string>();
    const { change, resolve } = deferred();
    asked.ask('light', change, () => undefined);
    expect(asked.value).toBe('light');
    resolve();
    await change;
    expect(asked.value).toBe('light');
    asked.became('light');
    expect(asked.value).toBeUndefined();
    asked.became('full');
    expect(asked.value).toBeUndefined();
  });

  it('is gone when it fails, which is said', async () => {
    const asked = new Asked<string>();
    const failed = vi.fn();
    const { change, reject } = deferred();
    asked.ask('light', change, failed);
    reject();
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
    expect(asked.value).toBeUndefined();
  });

  it('stays when an earlier wish fails, which is said, or comes true', async () => {
    const asked = new Asked<string>();
    const failed = vi.fn();
    const [first, second, third] = [deferred(), deferred(), deferred()];
    asked.ask('a blink', first.change, failed);
    asked.ask('none', second.change, failed);
    asked.ask('longer', third.change, failed);
    first.reject();
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
    expect(asked.value).toBe('longer');
    second.resolve();
    await second.change;
    asked.became('none');
    expect(asked.value).toBe('longer');
    third.resolve();
    await third.change;
    asked.became('longer');
    expect(asked.value).toBeUndefined();
  });
});
