import { createHash } from 'node:crypto';

/** `count` at once, and as many again in every `per` ms. */
export interface Limit {
  readonly count: number;
  readonly per: number;
}

/** One key of a limiter. */
export interface Tap {
  /** Takes one, and answers 0; or takes none, and answers how many ms to wait for it. */
  take(now: number): number;
  /** What `take` would answer. */
  wait(now: number): number;
}

const ROWS = 2;

/**
 * Limits many keys in memory that never grows: an attacker with any number of addresses fills no map. It is a sketch: each key
 * has one cell in each row, by a hash that only this process knows, and the emptiest of its cells counts. Nobody gets more than the
 * limit, and an innocent is held up only where others at their limit stand in all of its cells: with a thousand attackers and
 * 65,536 cells a row that is one innocent in four thousand.
 *
 * A cell holds the time at which its bucket will be empty again (the theoretical arrival time of the GCRA, ITU-T I.371).
 */
export class Limiter {
  readonly #interval: number; // ms that one fills of the bucket
  readonly #capacity: number; // ms that the bucket holds
  readonly #cells: number; // a row
  readonly #emptyAt: Float64Array;
  readonly #seed: Uint8Array;

  /** `cells` a row, of 16 bytes of memory for both rows. */
  constructor({ count, per }: Limit, cells: number, seed: Uint8Array) {
    this.#interval = per / count;
    this.#capacity = per;
    this.#cells = cells;
    this.#emptyAt = new Float64Array(ROWS * cells);
    this.#seed = seed;
  }

  /** To be kept by who takes often: the hash is made here. */
  tap(key: string): Tap {
    const hash = createHash('sha256').update(this.#seed).update(key).digest();
    const places = Array.from({ length: ROWS }, (_, row) => row * this.#cells + (hash.readUInt32LE(row * 4) % this.#cells));
    return {
      take: now => {
        const wait = this.#wait(places, now);
        if (wait === 0) this.#fill(places, now);
        return wait;
      },
      wait: now => this.#wait(places, now),
    };
  }

  #emptyFrom(places: readonly number[], now: number): number {
    const emptiest = Math.min(...places.map(place => this.#emptyAt[place] ?? 0));
    return Math.max(emptiest, now);
  }

  #wait(places: readonly number[], now: number): number {
    const over = this.#emptyFrom(places, now) + this.#interval - now - this.#capacity;
    return over > EPSILON ? over : 0;
  }

  #fill(places: readonly number[], now: number): void {
    const emptyAt = this.#emptyFrom(places, now) + this.#interval;
    for (const place of places) this.#emptyAt[place] = Math.max(this.#emptyAt[place] ?? 0, emptyAt); // no fuller than this key needs
  }
}

const EPSILON = 1e-6; // ms: sums of fractions do not come out even
