import { randomBytes } from 'node:crypto';
import type { Audit } from './audit/audit.ts';
import { createAudit } from './audit/create-audit.ts';
import type { SealedEntry } from './audit/entry.ts';
import type { Configuration } from './config/keys.ts';
import type { HistoryFigures } from './http/metrics/history.ts';
import type { Logger } from './log.ts';
import type { Platform } from './platform.ts';
import type { RoomEvent } from './session.ts';
import { createSessions } from './sessions/create-sessions.ts';
import { type Pace, Recorder } from './sessions/recorder.ts';
import type { Sessions } from './sessions/sessions.ts';
import { VERSION } from './version.ts';
import { addressCheck } from './webhooks/addresses.ts';
import { createWebhooks } from './webhooks/create-webhooks.ts';
import { Dispatcher } from './webhooks/dispatcher.ts';
import { createSender } from './webhooks/send.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** What was, and who is told of it. */
export interface History {
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly webhooks: Webhooks;
  readonly roomEvent: (event: RoomEvent) => void;
  readonly figures: () => HistoryFigures;
  /** When all who write through the journal have said how, and before it is started. */
  begin(): Promise<void>;
  /** After the rooms, before the store. Never rejects. */
  close(): Promise<void>;
}

export interface HistoryOptions {
  readonly configuration: Configuration;
  readonly platform: Pick<Platform, 'store' | 'journal'>;
  readonly log: Logger;
  readonly pace?: Pace | undefined;
}

const UPKEEP = 3_600_000; // ms between two rounds of forgetting

/** The audit log, the rooms' past and the webhooks of one server. */
export function createHistory({ configuration, platform, log, pace }: HistoryOptions): History {
  const { store, journal } = platform;
  const server = `srv_${randomBytes(12).toString('hex')}`;
  const outcomes = { delivered: 0, failed: 0, 'given-up': 0, dropped: 0 };
  const now = Date.now;
  const { auditRetention, sessionRetention, webhookRetention, webhookTimeout: timeout } = configuration;

  const audit = createAudit({
    ...{ auditLog: store.auditLog, journal, seal: store.seal, retention: auditRetention, now, log },
    kept: entry => tell(entry),
  });
  const sender = createSender({
    check: addressCheck({
      publicOnly: configuration.environment === 'production',
      allowed: configuration.webhookPrivateNetworks,
    }),
    ...{ timeout, userAgent: `aqlinks/${VERSION}`, now },
  });
  const dispatcher = new Dispatcher({
    ...{ server, outbox: store.outbox, webhooks: store.webhooks, sender, timeout, now, log, random: Math.random },
    ...{ retryFor: configuration.webhookRetryFor, atOnce: configuration.webhookConcurrency },
    counted: outcome => {
      outcomes[outcome] += 1;
    },
    disabled: ({ id, project }, reason) =>
      audit.record({ action: 'webhook.disabled', outcome: 'accepted', project, reason, details: { webhook: id } }),
  });
  const wake = () => dispatcher.wake();
  const recorder = new Recorder({
    ...{ server, database: store.database, history: store.history, outbox: store.outbox, journal, now, log, wake },
    maxWaiting: configuration.webhookMaxWaiting,
    dropped: count => {
      outcomes.dropped += count;
    },
    ...(pace === undefined ? {} : { pace }),
  });
  function tell(entry: SealedEntry): void {
    const refused = refusedTokenOf(entry);
    if (refused !== undefined) recorder.tokenRefused(refused);
  }

  async function forget(): Promise<void> {
    try {
      await audit.prune();
      await store.history.forget(now() - sessionRetention);
      await store.outbox.forget(now() - webhookRetention);
    } catch (error) {
      log.debug({ err: error }, 'What is too old is forgotten later');
    }
  }
  let upkeep: NodeJS.Timeout | undefined;

  return {
    audit,
    sessions: createSessions(store.history),
    webhooks: createWebhooks({ webhooks: store.webhooks, outbox: store.outbox, sender, now, wake }),
    roomEvent: event => recorder.roomEvent(event),
    figures: () => ({ outcomes, underWay: dispatcher.underWay, waiting: dispatcher.waiting }),
    async begin() {
      await audit.begin();
      recorder.start();
      dispatcher.wake();
      void forget();
      upkeep = setInterval(() => void forget(), UPKEEP).unref();
    },
    async close() {
      clearInterval(upkeep);
      audit.close();
      await dispatcher.close();
      await journal.settled();
      await recorder.close();
    },
  };
}

/** Only of tokens: that a room is full is no concern of who signed. */
function refusedTokenOf(entry: SealedEntry) {
  const { action, outcome, reason = '', project, key, jti, user, room, address, details } = entry;
  if (action !== 'token.validated' || outcome !== 'refused' || !reason.startsWith('token-')) return undefined;
  const repeated = details?.repeated;
  return {
    ...{ at: entry.at, project, reason, key: key ?? null, jti: jti ?? null, user_id: user ?? null },
    ...{ room: room ?? null, address: address ?? null },
    ...(typeof repeated === 'number' ? { repeated } : {}),
  };
}
