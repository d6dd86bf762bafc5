import { describe, expect, it, vi } from 'vitest';
import { TtxError } from '../core/error.ts';
import { Intent } from './intent.ts';

function setUp(run: (jobId: string, request: object) => Promise<string>) {
  let next = 0;
  const cancel = vi.fn(async () => undefined);
  const started = vi.fn(run);
  const intent = new Intent<object, string>({
    run: started,
    cancel,
    newId: () => {
      next += 1;
      return `job-${next}`;
    },
  });
  return { intent, started, cancel };
}

describe('an intent', () => {
  it('runs once however often it is begun', async () => {
    const { intent, started } = setUp(async () => 'done');
    await Promise.all([intent.begin({}), intent.begin({}), intent.begin({})]);
    expect(started).toHaveBeenCalledTimes(1);
    expect(intent.state.value).toMatchObject({ kind: 'done', result: 'done' });
  });

  it('keeps the job’s id when the same request ended unclearly', async () => {
    const { intent, started } = setUp(() => Promise.reject(new Error('the worker died')));
    const request = {};
    await intent.begin(request);
    await intent.begin(request);
    expect(started.mock.calls.map(([jobId]) => jobId)).toEqual(['job-1', 'job-1']);
  });

  it('takes a new id for another request', async () => {
    const { intent, started } = setUp(() => Promise.reject(new Error('the worker died')));
    await intent.begin({});
    await intent.begin({});
    expect(started.mock.calls.map(([jobId]) => jobId)).toEqual(['job-1', 'job-2']);
  });

  it('takes a new id after a stop on request', async () => {
    const { intent, started } = setUp(() => Promise.reject(new TtxError('cancelled')));
    const request = {};
    await intent.begin(request);
    await intent.begin(request);
    expect(started.mock.calls.map(([jobId]) => jobId)).toEqual(['job-1', 'job-2']);
    expect(intent.state.value).toMatchObject({ kind: 'failed', error: { code: 'cancelled' } });
  });

  it('asks the node to stop once', async () => {
    let finish: (value: string) => void = () => undefined;
    const { intent, cancel } = setUp(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const ended = intent.begin({});
    await intent.cancel();
    await intent.cancel();
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(cancel).toHaveBeenCalledWith('job-1');
    finish('it was too late to stop');
    await ended;
    expect(intent.state.value.kind).toBe('done');
  });

  it('is forgotten only after it has ended', async () => {
    const { intent } = setUp(async () => 'done');
    const ended = intent.begin({});
    intent.clear();
    expect(intent.state.value.kind).toBe('running');
    await ended;
    intent.clear();
    expect(intent.state.value.kind).toBe('idle');
  });
});
