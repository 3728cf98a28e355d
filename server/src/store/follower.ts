import type { Store } from './store.ts';

export interface FollowerOptions {
  readonly store: Pick<Store, 'changes' | 'prune'>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

const INTERVAL = 250; // ms between two looks at the feed: what another server wrote is here within half a second
const PRUNE_EVERY = 3_600_000; // ms

/** Looks at the feed again and again, and so knows whether the database answers. */
export class Follower {
  readonly #options: FollowerOptions;
  #timer: NodeJS.Timeout | undefined;
  #pruned = performance.now();
  #state: 'idle' | 'following' | 'closed' = 'idle';
  #reachable = true;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Whether the database answered the last time. */
  get reachable(): boolean {
    return this.#reachable;
  }

  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'following';
    this.#schedule();
  }

  /** Resolves when nothing of it is under way any more. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    await this.#turn;
  }

  #schedule(): void {
    if (this.#state !== 'following') return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#look().finally(() => this.#schedule());
    }, INTERVAL);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { store, log } = this.#options;
    try {
      await store.changes.pull();
      if (performance.now() - this.#pruned > PRUNE_EVERY) {
        this.#pruned = performance.now();
        await store.prune();
      }
      if (!this.#reachable) log.info({}, 'The database is back');
      this.#reachable = true;
    } catch (error) {
      if (this.#reachable) log.warn({ code: (error as { code?: unknown }).code }, 'The database is away: calls and joins go on');
      this.#reachable = false;
    }
  }
}
