import { createHash } from 'node:crypto';
import type { Log, RoomEvent } from '../session.ts';
import type { History } from '../store/history.ts';
import type { Journal } from '../store/journal.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Store } from '../store/store.ts';
import { eventOf, type OutgoingEvent, type RefusedToken, refusedEventOf } from '../webhooks/event.ts';
import { LostServers } from './lost-servers.ts';
import { lastEvents, stepOf } from './steps.ts';

export interface RecorderOptions {
  readonly server: string; // random; of this process
  readonly database: Store['database'];
  readonly history: History;
  readonly outbox: Outbox;
  readonly journal: Pick<Journal, 'append' | 'handle'>;
  readonly maxWaiting: number; // deliveries of one webhook
  readonly now: () => number; // ms since 1970
  readonly log: Log;
  /** Something was put into the outbox. */
  readonly wake: () => void;
  readonly dropped: (deliveries: number) => void;
  readonly pace?: Pace;
}

export interface Pace {
  readonly beat: number; // ms between two
  readonly patience: number; // ms without one, after which a server is dead
}

const PACE: Pace = { beat: 5_000, patience: 30_000 };

type Told = { readonly server: string; readonly event: RoomEvent } | { readonly server: string; readonly refused: RefusedToken };

const KIND = 'event';

/**
 * Writes down what happens in rooms: into their past, and in the same transaction into the outbox, so that whoever is told of
 * the one is told of the other. What a server that died could not tell, one that lives tells for it.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #pace: Pace;
  readonly #lost: LostServers;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #full = false; // somebody's place in the outbox is at its end, and that was said
  #state: 'running' | 'closed' = 'running';

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#pace = options.pace ?? PACE;
    this.#lost = new LostServers(this.#pace.patience, 3 * this.#pace.beat);
    options.journal.handle(KIND, entries =>
      this.#write(entries.map(({ id, payload }) => ({ id: `evt_${id.replaceAll('-', '')}`, told: payload as Told }))),
    );
  }

  /** Neither call throws or waits. */
  roomEvent(event: RoomEvent): void {
    this.#options.journal.append(KIND, { server: this.#options.server, event } satisfies Told);
  }

  tokenRefused(refused: RefusedToken): void {
    this.#options.journal.append(KIND, { server: this.#options.server, refused } satisfies Told);
  }

  /** From now on others know that we live. */
  start(): void {
    this.#beating = this.#beat();
  }

  /** Nothing of us is open any more: to be called when the rooms are closed and the journal is written. Idempotent; never rejects. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    await this.#beating;
    await this.#options.history.leave(this.#options.server).catch(() => {}); // then others find out
  }

  async #beat(): Promise<void> {
    try {
      const beats = await this.#options.history.beat(this.#options.server);
      for (const dead of this.#lost.look(performance.now(), beats)) await this.#bury(dead);
    } catch (error) {
      this.#options.log.debug({ code: (error as { code?: unknown }).code }, 'The beat of this server did not reach the database');
    }
    if (this.#state === 'closed') return;
    this.#timer = setTimeout(() => this.start(), this.#pace.beat).unref();
  }

  async #bury({ id, beat }: { readonly id: string; readonly beat: number }): Promise<void> {
    const { database, history, outbox, log } = this.#options;
    const events = await database.transaction().execute(async transaction => {
      const remains = await history.bury(transaction, id, beat);
      if (remains === undefined) return undefined;
      const last = lastEvents(remains);
      const told = last.map(event => ({ id: idOf(event), told: { server: id, event } }));
      await this.#apply(transaction, told);
      await outbox.releaseAll(transaction, id);
      return last;
    });
    if (events === undefined) return;
    log.warn({ server: id, events: events.length }, 'A server died: told for it that its participants left');
    this.#options.wake();
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    await this.#options.database.transaction().execute(transaction => this.#apply(transaction, entries));
    this.#options.wake();
  }

  async #apply(transaction: Store['database'], entries: readonly Entry[]): Promise<void> {
    const { history, outbox, maxWaiting, dropped } = this.#options;
    const steps = entries.flatMap(({ told }) => ('event' in told ? (stepOf(told.event, told.server) ?? []) : []));
    await history.apply(transaction, steps);
    const outgoing = entries.flatMap(entry => outgoingOf(entry) ?? []);
    const added = await outbox.add(transaction, outgoing, maxWaiting);
    if (added.dropped > 0) {
      dropped(added.dropped);
      if (!this.#full)
        this.#options.log.warn({ dropped: added.dropped }, 'Too much waits for a webhook: events for it are dropped');
    }
    this.#full = added.dropped > 0;
  }
}

interface Entry {
  readonly id: string;
  readonly told: Told;
}

const outgoingOf = ({ id, told }: Entry): OutgoingEvent | undefined =>
  'event' in told ? eventOf(told.event, id) : refusedEventOf(told.refused, id);

/** The same whoever tells it. */
function idOf(event: RoomEvent): string {
  const who = 'participant' in event ? event.participant : '';
  return `evt_${createHash('sha256').update([event.type, event.session, who].join(' ')).digest('hex').slice(0, 32)}`;
}
