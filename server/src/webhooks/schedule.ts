/** When a delivery is tried, tried again and given up. No clock and no chance: both are arguments. */

export interface Answer {
  readonly status: number;
  readonly retryAfter: number | undefined; // ms, as the receiver asked
}

/** What came of one attempt. */
export type Attempt = ({ readonly type: 'answered' } & Answer) | { readonly type: 'failed'; readonly error: string };

export type Verdict =
  | { readonly type: 'delivered' }
  | { readonly type: 'retry'; readonly wait: number } // ms
  | { readonly type: 'give-up' }
  | { readonly type: 'gone' }; // the receiver wants nothing any more

const FIRST = 5_000; // ms
const FACTOR = 3;
const LONGEST = 12 * 3_600_000; // ms
const JITTER = 0.2; // of the time: receivers that failed together are not asked together again

/** How long after the n-th failure, from 1: 5 s, 15 s, 45 s … 12 h, each a fifth more or less. `chance` is in [0, 1). */
export function backoff(failures: number, chance: number): number {
  const wait = Math.min(LONGEST, FIRST * FACTOR ** Math.min(failures - 1, 20));
  return Math.round(wait * (1 - JITTER + 2 * JITTER * chance));
}

export interface Attempted {
  readonly attempts: number; // with this one
  readonly age: number; // ms since the first could be made
  readonly retryFor: number; // ms
  readonly chance: number;
}

export function judge(attempt: Attempt, { attempts, age, retryFor, chance }: Attempted): Verdict {
  if (attempt.type === 'answered') {
    if (attempt.status >= 200 && attempt.status < 300) return { type: 'delivered' };
    if (attempt.status === 410) return { type: 'gone' };
  }
  if (age >= retryFor) return { type: 'give-up' };
  const asked = attempt.type === 'answered' ? Math.min(attempt.retryAfter ?? 0, LONGEST) : 0;
  const wait = Math.max(asked, backoff(attempts, chance));
  return { type: 'retry', wait: Math.min(wait, Math.max(FIRST, retryFor - age)) }; // the last try falls on the end of the time
}

export const describeAttempt = (attempt: Attempt) =>
  attempt.type === 'failed' ? attempt.error : attempt.status < 300 ? undefined : `It answered ${attempt.status}.`;

/** Of `Retry-After` (RFC 9110 10.2.3): seconds or a date. In ms from now. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Who may be sent to just now: so many at once to one endpoint, one at once to one that fails, so that one that hangs does not
 * take the place of those that answer; and so many in all.
 */
export class Slots {
  readonly #each: number;
  readonly #all: number;
  readonly #used = new Map<string, number>(); // by endpoint
  #total = 0;

  constructor(each: number, all: number) {
    this.#each = each;
    this.#all = all;
  }

  get used(): number {
    return this.#total;
  }

  get free(): number {
    return this.#all - this.#total;
  }

  isFree(endpoint: string, failing: boolean): boolean {
    return this.#total < this.#all && (this.#used.get(endpoint) ?? 0) < (failing ? 1 : this.#each);
  }

  /** Endpoints of which nothing more need be looked for. */
  full(): string[] {
    return [...this.#used].filter(([, used]) => used >= this.#each).map(([endpoint]) => endpoint);
  }

  take(endpoint: string): void {
    this.#used.set(endpoint, (this.#used.get(endpoint) ?? 0) + 1);
    this.#total += 1;
  }

  release(endpoint: string): void {
    const used = (this.#used.get(endpoint) ?? 1) - 1;
    if (used === 0) this.#used.delete(endpoint);
    else this.#used.set(endpoint, used);
    this.#total -= 1;
  }
}
