import type { CreatedWebhook, Delivery as DeliveryAnswer, Webhook as WebhookAnswer } from '@aqlinks/protocol';
import type { Delivery, Webhook, WebhookWithSecret } from '../../../webhooks/webhooks.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import { notFound } from '../problem.ts';
import { timeOf, timeOrNull } from '../time.ts';

type Names =
  | ('listWebhooks' | 'createWebhook' | 'getWebhook' | 'putWebhook' | 'rotateWebhook' | 'deleteWebhook')
  | ('testWebhook' | 'listDeliveries' | 'replayDelivery');

export function webhookHandlers({ webhooks }: ApiParts): SomeHandlers<Names> {
  return {
    async listWebhooks({ project, query }) {
      const { items, next } = await webhooks.list(project, query);
      return { items: items.map(describe), next_cursor: next ?? null };
    },

    async createWebhook({ project, body, note }) {
      const created = await webhooks.create(project, body);
      note({ details: { webhook: created.id } });
      return withSecret(created);
    },

    getWebhook: async ({ project, params }) => describe(there(await webhooks.get(project, params.webhook), 'webhook')),

    async putWebhook({ project, params, body, note }) {
      note({ details: { webhook: params.webhook } });
      return describe(there(await webhooks.update(project, params.webhook, body), 'webhook'));
    },

    async rotateWebhook({ project, params, note }) {
      note({ details: { webhook: params.webhook } });
      return withSecret(there(await webhooks.rotate(project, params.webhook), 'webhook'));
    },

    async deleteWebhook({ project, params, note }) {
      note({ details: { webhook: params.webhook } });
      if (!(await webhooks.remove(project, params.webhook))) throw notFound('webhook');
      return undefined;
    },

    async testWebhook({ project, params, note }) {
      note({ details: { webhook: params.webhook } });
      return delivery(there(await webhooks.test(project, params.webhook), 'webhook'));
    },

    async listDeliveries({ project, params, query }) {
      const { items, next } = there(await webhooks.deliveries(project, params.webhook, query), 'webhook');
      return { items: items.map(delivery), next_cursor: next ?? null };
    },

    async replayDelivery({ project, params, note }) {
      note({ details: { webhook: params.webhook, delivery: params.delivery } });
      return delivery(there(await webhooks.replay(project, params.webhook, params.delivery), 'delivery'));
    },
  };
}

function there<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw notFound(what);
  return found;
}

const describe = (webhook: Webhook): WebhookAnswer => ({
  ...{ id: webhook.id, url: webhook.url, events: [...webhook.events], active: webhook.active, description: webhook.description },
  ...{ disabled_reason: webhook.disabledReason ?? null, failing_since: timeOrNull(webhook.failingSince) },
  ...{ created_at: timeOf(webhook.createdAt), updated_at: timeOf(webhook.updatedAt) },
});

const withSecret = (webhook: WebhookWithSecret): CreatedWebhook => ({ ...describe(webhook), secret: webhook.secret });

const delivery = (made: Delivery): DeliveryAnswer => ({
  ...{ id: made.id, event_id: made.event, type: made.type, room: made.room ?? null, state: made.state },
  ...{ attempts: made.attempts, created_at: timeOf(made.createdAt), next_at: timeOrNull(made.nextAt) },
  ...{ finished_at: timeOrNull(made.finishedAt), status: made.status ?? null, error: made.error ?? null },
  payload: made.payload,
});
