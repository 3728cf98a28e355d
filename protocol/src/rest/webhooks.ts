import * as z from 'zod';
import { LeaveReason, Track } from '../model.ts';
import { text } from '../text.ts';
import { PageQuery, pageOf, Time } from './values.ts';

export const WebhookEventType = z.enum([
  'room.started',
  'room.ended',
  'participant.joined',
  'participant.left',
  'track.published',
  'track.unpublished',
  'role.changed',
  'token.refused',
]);
export type WebhookEventType = z.infer<typeof WebhookEventType>;

const inRoom = { project: z.string(), room: z.string(), session_id: z.string() };
const participant = z.object({ id: z.string(), user_id: z.string(), name: z.string(), role: z.string() });
const event = <Type extends WebhookEventType, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), timestamp: Time, data });

/** What is posted to a webhook (Standard Webhooks). Its id is in the header `webhook-id`; the same twice is the same event. */
export const WebhookEvent = z
  .discriminatedUnion('type', [
    event('room.started', z.object(inRoom)),
    event('room.ended', z.object(inRoom)),
    event('participant.joined', z.object({ ...inRoom, participant })),
    event('participant.left', z.object({ ...inRoom, participant, reason: z.union([LeaveReason, z.string()]) })),
    event('track.published', z.object({ ...inRoom, participant, track: Track })),
    event('track.unpublished', z.object({ ...inRoom, participant, track: Track })),
    event('role.changed', z.object({ ...inRoom, participant, previous_role: z.string() })),
    event(
      'token.refused',
      z.object({
        project: z.string(),
        reason: z.string(), // a `RefusalCode`
        key: z.string().nullable(),
        jti: z.string().nullable(),
        user_id: z.string().nullable(),
        room: z.string().nullable(),
      }),
    ),
  ])
  .meta({ id: 'WebhookEvent' });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

const isHttp = (value: string) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).username === '';

/** `POST` and `PUT /webhooks` */
export const WebhookSettings = z
  .strictObject({
    url: z
      .string()
      .max(2_048)
      .regex(
        /^https?:\/\/(\[[0-9a-fA-F:.]+\]|[\w-]+(\.[\w-]+)*)(:\d{1,5})?([/?][!-~]*)?$/,
        'must be an http or https address without a user in it',
      )
      .check(z.refine(isHttp, 'must be an http or https address without a user in it'))
      .meta({ description: 'Where events are posted to: http or https.' }),
    events: z
      .array(WebhookEventType)
      .max(WebhookEventType.options.length)
      .default([])
      .meta({ description: 'Which events. Default: all.' }),
    active: z.boolean().default(true).meta({ description: 'Activating one again forgives its failures.' }),
    description: text(256, 0).default('').meta({ description: 'For people.' }),
  })
  .meta({
    id: 'WebhookSettings',
    examples: [{ url: 'https://example.com/aqlinks-events', events: ['room.started', 'room.ended'] }],
  });
export type WebhookSettings = z.infer<typeof WebhookSettings>;

export const Webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(WebhookEventType),
    active: z.boolean(),
    description: z.string(),
    disabled_reason: z.string().nullable().meta({ description: 'Why the server itself switched it off.' }),
    failing_since: Time.nullable().meta({ description: 'When it failed for the first time after its last success.' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

export const Webhooks = pageOf(Webhook).meta({ id: 'Webhooks' });

export const CreatedWebhook = Webhook.extend({
  secret: z.string().meta({ description: 'What the events are signed with (`whsec_…`). It is shown this once.' }),
}).meta({ id: 'CreatedWebhook' });
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;

export const DeliveryState = z.enum(['waiting', 'delivered', 'failed']); // failed: it was given up
export type DeliveryState = z.infer<typeof DeliveryState>;

/** One event on its way to one webhook. */
export const Delivery = z
  .object({
    id: z.string(),
    event_id: z.string().meta({ description: '`webhook-id` of the request; the same at each attempt.' }),
    type: z.string().meta({ description: 'Of the event, or `webhook.test`.' }),
    room: z.string().nullable(),
    state: DeliveryState,
    attempts: z.int(),
    created_at: Time,
    next_at: Time.nullable().meta({ description: 'When it is tried next, while it waits.' }),
    finished_at: Time.nullable(),
    status: z.int().nullable().meta({ description: 'What the receiver answered last; null: nothing.' }),
    error: z.string().nullable().meta({ description: 'What was wrong with the last attempt.' }),
    payload: z.string().meta({ description: 'The body, as it is posted.' }),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

export const Deliveries = pageOf(Delivery).meta({ id: 'Deliveries' });

/** `GET /webhooks/{webhook}/deliveries`: the newest first. */
export const DeliveryQuery = PageQuery.extend({ state: DeliveryState.optional() });
export type DeliveryQuery = z.infer<typeof DeliveryQuery>;
