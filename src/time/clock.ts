/** Time and chance come in from outside, so that the node runs in a simulation as it runs in a worker. */

/** A clock that tests can turn. */
export interface Clock {
  /** Milliseconds: Unix time for {@link systemClock}; otherwise only differences mean something. */
  nowMs(): number;
  /** Calls `action` once after `delayMs`; the returned function takes it back. */
  after(delayMs: number, action: () => void): () => void;
}

/** `length` bytes that nobody can predict. */
export type Random = (length: number) => Uint8Array;

function after(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
}

/** The time of day, which people and their devices set. */
export const systemClock: Clock = { nowMs: () => Date.now(), after };

/** Time that nobody sets back: for how long something took or may take. */
export const monotonicClock: Clock = { nowMs: () => performance.now(), after };

/** Resolves after `delayMs`, or rejects with the signal's reason. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      takeBack();
      reject(signal.reason);
    };
    const takeBack = clock.after(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
