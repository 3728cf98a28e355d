import type { Rate } from './limits.ts';

/** Counts by the clock that it is given; no timer. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number; // ms

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Whether there was one left to take. */
  take(now: number): boolean {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
