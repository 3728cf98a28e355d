import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import type { RoomEvent } from '../../src/session.ts';
import { Recorder } from '../../src/sessions/recorder.ts';
import { Journal } from '../../src/store/journal.ts';
import { createOutbox, type Outbox } from '../../src/store/outbox.ts';
import type { Store } from '../../src/store/store.ts';
import { createStoredWebhooks } from '../../src/store/webhooks.ts';
import { createWebhooks } from '../../src/webhooks/create-webhooks.ts';
import { Dispatcher, type DispatcherOptions, type Outcome } from '../../src/webhooks/dispatcher.ts';
import { createSender } from '../../src/webhooks/send.ts';
import type { Webhooks } from '../../src/webhooks/webhooks.ts';
import { newFolder } from '../support/both-databases.ts';

/** A time that stands still until a test moves it; of the servers and of the database. */
export class Clock {
  now = Date.now();
}

export interface Teller {
  readonly webhooks: Webhooks;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  readonly outcomes: Outcome[];
  readonly disabled: string[]; // reasons
  readonly warnings: string[];
  /** Writes events down; resolves when they are in the outbox. */
  tell(...events: readonly RoomEvent[]): Promise<void>;
  /** Moves the time, and looks what is due. */
  pass(ms: number): void;
  /** Resolves with the outcomes when there are so many. */
  outcome(count: number): Promise<readonly Outcome[]>;
}

export const roomEvent = (room: string, n = 0): RoomEvent => ({
  ...{ type: 'participant-joined', at: 1_000 + n, project: 'default', room, session: `session of ${room}` },
  ...{ participant: `p${n}`, userId: `user ${n}`, name: 'Ann', role: 'guest' },
});

export interface TellerOptions extends Partial<DispatcherOptions> {
  readonly clock?: Clock;
  readonly maxWaiting?: number;
}

/** What a server that tells of its rooms is made of, over a store. */
export async function newTeller(t: TestContext, store: Store, options: TellerOptions = {}): Promise<Teller> {
  const { clock = new Clock(), maxWaiting = 10_000, timeout = 5_000 } = options;
  const now = () => clock.now;
  const { database, seal } = store;
  const outbox = createOutbox({ database, now, clock: () => sql.lit(clock.now) });
  const stored = createStoredWebhooks({ database, seal, now });
  const sender = createSender({ check: () => undefined, timeout, userAgent: 'test', now: Date.now });
  const outcomes: Outcome[] = [];
  const disabled: string[] = [];
  const warnings: string[] = [];
  let counted = Promise.withResolvers<void>();
  const log = { debug() {}, info() {}, error() {}, warn: (_fields: object, message: string) => void warnings.push(message) };
  const dispatcher = new Dispatcher({
    ...{ server: randomBytes(8).toString('hex'), outbox, webhooks: stored, sender, timeout, retryFor: 5 * 86_400_000, atOnce: 8 },
    ...{ now, random: () => 0.5, log },
    counted(outcome) {
      outcomes.push(outcome);
      counted.resolve();
    },
    disabled: (_webhook, reason) => void disabled.push(reason),
    ...options,
  });
  const journal = new Journal({ folder: newFolder(t), limit: 1 << 24, log, now: Date.now });
  const recorder = new Recorder({
    ...{ server: 'one', database, history: store.history, outbox, journal, maxWaiting, now, log },
    wake: () => dispatcher.wake(),
    dropped() {},
  });
  journal.start();
  t.after(async () => {
    await dispatcher.close();
    await journal.close();
  });
  return {
    ...{ outbox, dispatcher, recorder, outcomes, disabled, warnings },
    webhooks: createWebhooks({ webhooks: stored, outbox, sender, now, wake: () => dispatcher.wake() }),
    async tell(...events) {
      for (const event of events) recorder.roomEvent(event);
      await journal.settled();
    },
    pass(ms) {
      clock.now += ms;
      dispatcher.wake();
    },
    async outcome(count) {
      while (outcomes.length < count) {
        counted = Promise.withResolvers();
        await counted.promise;
      }
      return outcomes;
    },
  };
}
