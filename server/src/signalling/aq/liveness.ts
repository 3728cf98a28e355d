/** All in ms of one clock. */
export interface LivenessSettings {
  readonly keepalivePing: number;
  readonly keepalivePong: number;
  readonly writeDeadline: number;
}

export type Verdict =
  | 'fine'
  | 'ping' // it is time for one
  | 'silent' // nothing was heard for too long
  | 'stalled'; // nothing was taken for too long

/** Whether one client still hears and reads us, from the times of what happened. No timer of its own. */
export class Liveness {
  readonly #settings: LivenessSettings;
  readonly #resolution: number;
  #heard: number;
  #pinged: number;
  #waiting = 0; // messages that were handed to the socket and not taken by the system yet
  #progressed: number; // when one was last taken, or the first began to wait

  constructor(settings: LivenessSettings, now: number) {
    this.#settings = settings;
    this.#resolution = tickInterval(settings);
    this.#heard = now;
    this.#pinged = now;
    this.#progressed = now;
  }

  heard(now: number): void {
    this.#heard = now;
  }

  sending(now: number): void {
    if (this.#waiting === 0) this.#progressed = now;
    this.#waiting += 1;
  }

  sent(now: number): void {
    this.#waiting -= 1;
    this.#progressed = now;
  }

  /** The next check comes a tick later, so a deadline that falls before it counts as passed: nobody stays longer than it. */
  check(now: number): Verdict {
    const { keepalivePing, keepalivePong, writeDeadline } = this.#settings;
    if (now + this.#resolution - this.#heard > keepalivePong) return 'silent';
    if (this.#waiting > 0 && now - this.#progressed >= writeDeadline) return 'stalled';
    if (now - this.#pinged < keepalivePing) return 'fine';
    this.#pinged = now;
    return 'ping';
  }
}

const MAX_TICK = 1_000; // ms
const TICKS = 10; // within the shortest of the settings

/** How often `check` is to be called, in ms. */
export function tickInterval({ keepalivePing, keepalivePong, writeDeadline }: LivenessSettings): number {
  return Math.min(MAX_TICK, Math.ceil(Math.min(keepalivePing, keepalivePong, writeDeadline) / TICKS));
}
