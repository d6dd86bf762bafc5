/** What the tabs say of the device, put together, and whether it has slept. */
import type { Conditions } from '../api/node.ts';
import type { SwarmConditions } from '../net/swarm.ts';
import type { Clock } from '../time/clock.ts';

const PULSE_MS = 5_000;
/** A hidden page's timers ring once a minute at worst; what is later than this was asleep or frozen. */
const JUMP_MS = 75_000;

interface SurroundingsEvents {
  readonly changed: (conditions: SwarmConditions) => void;
  /** Connections may be dead and not know it. */
  readonly woke: () => void;
}

/** Runs until stopped. */
export class Surroundings {
  readonly #clock: Clock;
  readonly #events: SurroundingsEvents;
  readonly #tabs = new Map<string, Conditions>();
  #conditions: SwarmConditions = { online: true, visible: true };
  #cancelPulse: () => void = () => undefined;

  constructor(clock: Clock, events: SurroundingsEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#expectPulse();
  }

  /** Online as the last tab said that spoke, visible if any tab is; both true until told. */
  get conditions(): SwarmConditions {
    return this.#conditions;
  }

  tell(tab: string, conditions: Conditions): void {
    const wasOnline = this.#conditions.online;
    this.#tabs.set(tab, conditions);
    this.#put(conditions.online);
    if (conditions.resumed || (conditions.online && !wasOnline)) this.#events.woke();
  }

  leave(tab: string): void {
    if (this.#tabs.delete(tab)) this.#put(this.#conditions.online);
  }

  stop(): void {
    this.#cancelPulse();
  }

  #put(online: boolean): void {
    const visible = this.#tabs.size === 0 || [...this.#tabs.values()].some((tab) => tab.visible);
    if (online === this.#conditions.online && visible === this.#conditions.visible) return;
    this.#conditions = { online, visible };
    this.#events.changed(this.#conditions);
  }

  #expectPulse(): void {
    const startedAtMs = this.#clock.nowMs();
    this.#cancelPulse = this.#clock.after(PULSE_MS, () => {
      this.#expectPulse();
      if (this.#clock.nowMs() - startedAtMs > JUMP_MS) this.#events.woke();
    });
  }
}
