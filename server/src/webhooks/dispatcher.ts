import type { Log } from '../session.ts';
import type { DueLane, Head, Lease, Outbox } from '../store/outbox.ts';
import type { StoredWebhooks } from '../store/webhooks.ts';
import { type Attempt, describeAttempt, judge, Slots, type Verdict } from './schedule.ts';
import type { Sender } from './send.ts';
import { sign } from './signature.ts';

export type Outcome = 'delivered' | 'failed' | 'given-up'; // failed: it is tried again

export interface DispatcherOptions {
  readonly server: string; // who takes leases
  readonly outbox: Outbox;
  readonly webhooks: StoredWebhooks;
  readonly sender: Sender;
  readonly timeout: number; // ms of one attempt
  readonly retryFor: number; // ms
  readonly atOnce: number; // to one endpoint
  readonly now: () => number; // ms since 1970
  readonly random: () => number; // in [0, 1)
  readonly log: Log;
  readonly counted: (outcome: Outcome) => void;
  /** We switched it off ourselves. */
  readonly disabled: (webhook: { readonly id: string; readonly project: string }, reason: string) => void;
}

const ALL = 128; // attempts at once
const MARGIN = 15_000; // ms that a lease is longer than an attempt
const IN_A_ROW = 50; // deliveries of one lane before others have their turn
const LOOK = 5_000; // ms between two looks for what other servers left
const RETRY = 1_000; // ms, while the database is away
const OUTAGE = 60_000; // ms without a success, after which one means that all that waits may come; less may be one bad delivery
const FAREWELL = 3_000; // ms that closing leaves to what is under way

type State = 'idle' | 'looking' | 'asked-again' | 'closed';

/** Sends what waits in the outbox: looks for lanes that are due, leases as many as it may, and follows each to where it must wait. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #slots: Slots;
  readonly #running = new Set<Promise<void>>();
  #state: State = 'idle';
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#slots = new Slots(options.atOnce, ALL);
  }

  get underWay(): number {
    return this.#slots.used;
  }

  /** Deliveries of all servers, at the last look. */
  get waiting(): number {
    return this.#waiting;
  }

  /** There may be something to send. Called as often as anybody likes. */
  wake(): void {
    if (this.#state === 'looking') this.#state = 'asked-again';
    if (this.#state !== 'idle') return;
    clearTimeout(this.#timer);
    this.#state = 'looking';
    this.#looking = this.#look();
  }

  /** What is under way may end, for a moment; its leases end with it. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    const expired = Promise.withResolvers<void>();
    const timer = setTimeout(expired.resolve, FAREWELL);
    await Promise.race([this.#looking.then(() => Promise.all(this.#running)), expired.promise]);
    clearTimeout(timer);
    this.#options.sender.close();
    await this.#looking;
    await Promise.all(this.#running);
  }

  async #look(): Promise<void> {
    let wait = LOOK;
    try {
      const started = await this.#startDue();
      if (started === 0) wait = Math.min(LOOK, (await this.#options.outbox.nextDue()) ?? LOOK);
      this.#waiting = await this.#options.outbox.waiting();
    } catch (error) {
      this.#options.log.debug({ code: (error as { code?: unknown }).code }, 'The outbox cannot be read');
      wait = RETRY;
    }
    if (this.#state === 'closed') return;
    const again = this.#state === 'asked-again';
    this.#state = 'idle';
    if (again) this.wake();
    else this.#timer = setTimeout(() => this.wake(), Math.max(1, wait)).unref();
  }

  async #startDue(): Promise<number> {
    if (this.#slots.free === 0) return 0;
    const lanes = await this.#options.outbox.due(this.#options.atOnce, this.#slots.full(), ALL);
    let started = 0;
    for (const lane of lanes) {
      if (this.#state === 'closed') break;
      if (!this.#slots.isFree(lane.webhook, lane.failing)) continue;
      this.#slots.take(lane.webhook);
      if (await this.#start(lane)) started += 1;
    }
    return started;
  }

  async #start({ id, webhook }: DueLane): Promise<boolean> {
    const lease: Lease = { lane: id, by: this.#options.server, ms: this.#options.timeout + MARGIN };
    try {
      if (!(await this.#options.outbox.lease(lease))) {
        this.#slots.release(webhook);
        return false;
      }
    } catch (error) {
      this.#slots.release(webhook);
      throw error;
    }
    const run = this.#follow(lease)
      .catch(error => this.#options.log.warn({ err: error }, 'A lane of webhooks stopped; it goes on when its lease is over'))
      .finally(() => {
        this.#running.delete(run);
        this.#slots.release(webhook);
        this.wake();
      });
    this.#running.add(run);
    return true;
  }

  /** One delivery after the other, until one must wait. */
  async #follow(lease: Lease): Promise<void> {
    const { outbox } = this.#options;
    for (let n = 0; n < IN_A_ROW && this.#state !== 'closed'; n++) {
      const head = await outbox.head(lease);
      if (head === undefined || !(await this.#deliver(head, lease))) break;
    }
    await outbox.release(lease);
  }

  /** Answers whether the next of the lane may follow at once. */
  async #deliver(head: Head, lease: Lease): Promise<boolean> {
    const { now, retryFor, random, counted } = this.#options;
    const { delivery } = head;
    const attempt = await this.#attempt(head);
    if (attempt.type === 'failed' && this.#state === 'closed') return false; // it was cut off by us
    const age = now() - delivery.created_at;
    const verdict = judge(attempt, { attempts: delivery.attempts + 1, age, retryFor, chance: random() });
    await this.#persist(() => this.#settle(head, lease, attempt, verdict));
    counted(verdict.type === 'delivered' ? 'delivered' : verdict.type === 'retry' ? 'failed' : 'given-up');
    return verdict.type === 'delivered' || verdict.type === 'give-up';
  }

  async #attempt({ webhook, delivery: { event, payload } }: Head): Promise<Attempt> {
    const { webhooks, sender, now } = this.#options;
    let secrets: readonly string[];
    try {
      secrets = webhooks.secretsOf(webhook);
    } catch (error) {
      return { type: 'failed', error: (error as Error).message }; // the MASTER_KEY is another one
    }
    return sender.send({ url: webhook.url, headers: { ...sign(secrets, event, payload, now()) }, body: payload });
  }

  async #settle({ webhook, delivery }: Head, lease: Lease, attempt: Attempt, verdict: Verdict): Promise<void> {
    const { outbox, webhooks, now, retryFor } = this.#options;
    await outbox.settle(delivery, lease, {
      state: verdict.type === 'delivered' ? 'delivered' : verdict.type === 'retry' ? 'waiting' : 'failed',
      wait: verdict.type === 'retry' ? verdict.wait : 0,
      status: attempt.type === 'answered' ? attempt.status : undefined,
      error: describeAttempt(attempt),
    });
    if (verdict.type === 'delivered') {
      if (webhook.failing_since !== null) await webhooks.recovered(webhook.id, now() - webhook.failing_since >= OUTAGE);
      return;
    }
    if (webhook.failing_since === null) await webhooks.failing(webhook.id);
    const since = webhook.failing_since ?? now();
    if (verdict.type === 'gone') await this.#disable(webhook, 'It answered 410 Gone.');
    else if (now() - since >= retryFor) await this.#disable(webhook, `Nothing arrived since ${new Date(since).toISOString()}.`);
  }

  async #disable(webhook: Head['webhook'], reason: string): Promise<void> {
    if (!(await this.#options.webhooks.disable(webhook.id, reason))) return;
    this.#options.log.warn(
      { webhook: webhook.id, reason },
      'A webhook was switched off: activate it again when its receiver works',
    );
    this.#options.disabled(webhook, reason);
  }

  /** What was sent and cannot be written down would be sent again: it is tried until the database is back. */
  async #persist(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (this.#state === 'closed') throw error;
        this.#options.log.debug({ code: (error as { code?: unknown }).code }, 'What came of a delivery cannot be written yet');
        await new Promise<void>(resolve => setTimeout(resolve, RETRY).unref());
      }
    }
  }
}
