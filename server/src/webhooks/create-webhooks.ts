import { randomBytes } from 'node:crypto';
import type { WebhookEventType } from '@aqlinks/protocol';
import type { Outbox } from '../store/outbox.ts';
import type { DeliveryRow, WebhookRow } from '../store/tables/records.ts';
import type { StoredWebhooks } from '../store/webhooks.ts';
import { payloadOf } from './event.ts';
import { describeAttempt, judge } from './schedule.ts';
import type { Sender } from './send.ts';
import { newSecret, sign } from './signature.ts';
import {
  type Delivery,
  type DeliveryState,
  type EventType,
  type Page,
  type Webhook,
  WebhookInvalid,
  type Webhooks,
} from './webhooks.ts';

export interface WebhooksOptions {
  readonly webhooks: StoredWebhooks;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly now: () => number; // ms since 1970
  /** Something waits now that may be sent. */
  readonly wake: () => void;
}

const OVERLAP = 24 * 3_600_000; // ms for which a secret that was replaced still signs
const MAX_WEBHOOKS = 50; // of a project
const MAX_URL = 2_048; // characters

/** Webhooks as they are managed. */
export function createWebhooks({ webhooks, outbox, sender, now, wake }: WebhooksOptions): Webhooks {
  const newId = (kind: string) => `${kind}_${randomBytes(12).toString('hex')}`;

  return {
    async create(project, settings) {
      const url = checkUrl(settings.url);
      if ((await webhooks.count(project)) >= MAX_WEBHOOKS)
        throw new WebhookInvalid('url', `A project has at most ${MAX_WEBHOOKS} webhooks. Remove one first.`);
      const secret = newSecret();
      const row: Omit<WebhookRow, 'secret'> = {
        ...{ id: newId('wh'), project, url, events: JSON.stringify(settings.events ?? []) },
        ...{ description: settings.description ?? '', active: settings.active === false ? 0 : 1 },
        ...{ previous_secret: null, previous_until: null, failing_since: null, disabled_reason: null, dropped: 0 },
        ...{ created_at: now(), updated_at: now() },
      };
      await webhooks.create(row, secret);
      return { ...webhookOf(row), secret };
    },

    async list(project, { cursor, limit }) {
      const rows = await webhooks.list(project, cursor, limit + 1);
      return pageOf(rows, limit, webhookOf, ({ id }) => id);
    },

    async get(project, id) {
      const row = await webhooks.find(project, id);
      return row && webhookOf(row);
    },

    async update(project, id, { url, events, description, active }) {
      const row = await webhooks.update(project, id, {
        ...(url === undefined ? {} : { url: checkUrl(url) }),
        ...(events === undefined ? {} : { events: JSON.stringify(events) }),
        ...(description === undefined ? {} : { description }),
        ...(active === undefined ? {} : { active: active ? 1 : 0 }),
        ...(active === true ? { failing_since: null, disabled_reason: null } : {}),
      });
      if (row === undefined) return undefined;
      if (active === true) await webhooks.recovered(id, true);
      wake();
      return webhookOf(row);
    },

    async rotate(project, id) {
      const secret = newSecret();
      const row = await webhooks.rotate(project, id, secret, now() + OVERLAP);
      return row && { ...webhookOf(row), secret };
    },

    remove: (project, id) => webhooks.remove(project, id),

    async test(project, id) {
      const row = await webhooks.find(project, id);
      if (row === undefined) return undefined;
      const event = newId('evt');
      const at = now();
      const payload = payloadOf('webhook.test', at, { project, webhook: id });
      const attempt = await sender.send({
        url: row.url,
        headers: { ...sign(webhooks.secretsOf(row), event, payload, at) },
        body: payload,
      });
      const delivered = judge(attempt, { attempts: 1, age: 0, retryFor: 0, chance: 0 }).type === 'delivered';
      const made = {
        ...{ id: newId('dlv'), event, webhook: id, lane: `${id}/test`, type: 'webhook.test', room: null, payload },
        ...{ state: delivered ? 'delivered' : 'failed', attempts: 1, next_at: null, error: describeAttempt(attempt) ?? null },
        ...{ status: attempt.type === 'answered' ? attempt.status : null, created_at: at, finished_at: now() },
      };
      await outbox.note(made);
      return deliveryOf(made);
    },

    async deliveries(project, id, { state, cursor, limit }) {
      if ((await webhooks.find(project, id)) === undefined) return undefined;
      const before = cursor === undefined ? undefined : Number.parseInt(cursor, 36);
      const rows = await outbox.list(id, state, Number.isSafeInteger(before) ? before : undefined, limit + 1);
      return pageOf(rows, limit, deliveryOf, ({ seq }) => seq.toString(36));
    },

    async replay(project, id, delivery) {
      if ((await webhooks.find(project, id)) === undefined) return undefined;
      const row = await outbox.find(id, delivery);
      const fresh = row && (await outbox.replay(row, newId('dlv')));
      wake();
      return fresh && deliveryOf(fresh);
    },
  };
}

function checkUrl(url: string): string {
  const parsed = URL.canParse(url) && url.length <= MAX_URL ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '') {
    throw new WebhookInvalid('url', 'The address of a webhook begins with https:// or http:// and names no user.');
  }
  return url;
}

function pageOf<R, T>(rows: readonly R[], limit: number, itemOf: (row: R) => T, cursorOf: (row: R) => string): Page<T> {
  const last = rows[limit - 1];
  return {
    items: rows.slice(0, limit).map(itemOf),
    next: rows.length > limit && last !== undefined ? cursorOf(last) : undefined,
  };
}

const webhookOf = (row: Omit<WebhookRow, 'secret'>): Webhook => ({
  ...{ id: row.id, project: row.project, url: row.url, events: JSON.parse(row.events) as WebhookEventType[] },
  ...{ description: row.description, active: row.active === 1, dropped: row.dropped },
  disabledReason: row.disabled_reason ?? undefined,
  failingSince: row.failing_since ?? undefined,
  ...{ createdAt: row.created_at, updatedAt: row.updated_at },
});

const deliveryOf = (row: Omit<DeliveryRow, 'seq'>): Delivery => ({
  ...{ id: row.id, event: row.event, type: row.type as EventType, room: row.room ?? undefined },
  ...{ state: row.state as DeliveryState, attempts: row.attempts, createdAt: row.created_at, payload: row.payload },
  nextAt: row.state === 'waiting' ? (row.next_at ?? undefined) : undefined,
  finishedAt: row.finished_at ?? undefined,
  status: row.status ?? undefined,
  error: row.error ?? undefined,
});
