import { type Delivery, DeliveryState, type Webhook, WebhookEventType } from '@aqlinks/protocol';
import { UsageError } from '../command.ts';
import { type Columns, showDone, showPage, showThing } from '../output.ts';
import type { Asked, Noun, Option } from '../verb.ts';
import { given, PAGING, pageOf } from './paging.ts';

const COLUMNS: Columns<Webhook> = {
  id: webhook => webhook.id,
  url: webhook => webhook.url,
  events: webhook => (webhook.events.length === 0 ? 'all' : webhook.events),
  active: webhook => webhook.active,
  'failing since': webhook => webhook.failing_since,
  description: webhook => webhook.description,
};

const DELIVERY_COLUMNS: Columns<Delivery> = {
  id: delivery => delivery.id,
  type: delivery => delivery.type,
  room: delivery => delivery.room,
  state: delivery => delivery.state,
  attempts: delivery => delivery.attempts,
  created: delivery => delivery.created_at,
  next: delivery => delivery.next_at,
  status: delivery => delivery.status,
  error: delivery => delivery.error,
};

const SETTINGS: Readonly<Record<string, Option>> = {
  events: { value: 'EVENTS', summary: `which, separated by commas; default: all. ${WebhookEventType.options.join(', ')}` },
  description: { value: 'TEXT', summary: 'for people' },
};

function eventsOf({ option }: Asked): WebhookEventType[] | undefined {
  const names = option('events')?.split(',');
  const parsed = WebhookEventType.array().optional().safeParse(names);
  if (!parsed.success) throw new UsageError(`--events takes ${WebhookEventType.options.join(', ')}, separated by commas.`);
  return parsed.data;
}

function stateOf({ option }: Asked): DeliveryState | undefined {
  const parsed = DeliveryState.optional().safeParse(option('state'));
  if (!parsed.success) throw new UsageError(`--state is one of ${DeliveryState.options.join(', ')}.`);
  return parsed.data;
}

const webhookOf = (asked: Asked) => ({ params: { webhook: asked.arg('WEBHOOK') } });

export const webhooks: Noun = {
  summary: 'where the server tells what happens in rooms',
  verbs: {
    list: {
      summary: 'list the webhooks of the project',
      options: PAGING,
      async run(asked) {
        return showPage(asked, await asked.api.listWebhooks({ query: pageOf(asked) }), COLUMNS, 'There are no webhooks.');
      },
    },
    create: {
      summary: 'create a webhook; its secret is shown this once',
      args: ['URL'],
      options: SETTINGS,
      examples: ['webhooks create https://example.com/aqlinks-events --events room.started,room.ended'],
      async run(asked) {
        const body = { url: asked.arg('URL'), ...given({ events: eventsOf(asked), description: asked.option('description') }) };
        return showThing(asked, await asked.api.createWebhook({ body }));
      },
    },
    activate: {
      summary: 'switch a webhook on again, and forgive its failures',
      args: ['WEBHOOK'],
      async run(asked) {
        const { url, events, description } = await asked.api.getWebhook(webhookOf(asked));
        return showThing(
          asked,
          await asked.api.putWebhook({ ...webhookOf(asked), body: { url, events, description, active: true } }),
        );
      },
    },
    delete: {
      summary: 'delete a webhook',
      args: ['WEBHOOK'],
      async run(asked) {
        await asked.api.deleteWebhook(webhookOf(asked));
        return showDone(asked, `Deleted ${asked.arg('WEBHOOK')}.`);
      },
    },
    test: {
      summary: 'post an event that is only a test, once and at once',
      args: ['WEBHOOK'],
      async run(asked) {
        return showThing(asked, await asked.api.testWebhook(webhookOf(asked)));
      },
    },
    deliveries: {
      summary: 'list what was posted, the newest first',
      args: ['WEBHOOK'],
      options: { state: { value: 'STATE', summary: DeliveryState.options.join(', ') }, ...PAGING },
      async run(asked) {
        const query = { ...pageOf(asked), ...given({ state: stateOf(asked) }) };
        const page = await asked.api.listDeliveries({ ...webhookOf(asked), query });
        return showPage(asked, page, DELIVERY_COLUMNS, 'Nothing was posted yet.');
      },
    },
    replay: {
      summary: 'post an event once more',
      args: ['WEBHOOK', 'DELIVERY'],
      async run(asked) {
        const params = { webhook: asked.arg('WEBHOOK'), delivery: asked.arg('DELIVERY') };
        return showThing(asked, await asked.api.replayDelivery({ params }));
      },
    },
  },
};
