import type { WebhookEventType } from '@aqlinks/protocol';

/** Webhooks as the rest of the server manages them. What is not there answers `undefined`. Refused settings reject with `WebhookInvalid`. */
export interface Webhooks {
  create(project: string, settings: WebhookSettings): Promise<WebhookWithSecret>;
  list(project: string, page: PageQuery): Promise<Page<Webhook>>;
  get(project: string, id: string): Promise<Webhook | undefined>;
  /** Activating one again forgives its failures; what waits is sent. */
  update(project: string, id: string, changes: Partial<WebhookSettings>): Promise<Webhook | undefined>;
  /** A new secret; for a day both sign. */
  rotate(project: string, id: string): Promise<WebhookWithSecret | undefined>;
  /** With its deliveries. */
  remove(project: string, id: string): Promise<boolean>;
  /** Sends `webhook.test` at once and answers what came of it; never tried again. */
  test(project: string, id: string): Promise<Delivery | undefined>;
  /** Newest first. */
  deliveries(project: string, id: string, query: DeliveryQuery): Promise<Page<Delivery> | undefined>;
  /** Sends one again under its old `webhook-id`, behind what already waits for its room. */
  replay(project: string, id: string, delivery: string): Promise<Delivery | undefined>;
}

export interface WebhookSettings {
  readonly url: string;
  readonly events?: readonly WebhookEventType[] | undefined; // none named: all
  readonly description?: string | undefined;
  readonly active?: boolean | undefined; // default: true
}

export interface Webhook {
  readonly id: string;
  readonly project: string;
  readonly url: string;
  readonly events: readonly WebhookEventType[]; // empty: all
  readonly description: string;
  readonly active: boolean;
  readonly disabledReason: string | undefined; // why we switched it off ourselves
  readonly dropped: number; // events for which there was no more place, since its beginning
  readonly failingSince: number | undefined; // ms since 1970, of the first failure after the last success
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface WebhookWithSecret extends Webhook {
  readonly secret: string; // `whsec_…`, shown this once
}

export type DeliveryState = 'waiting' | 'delivered' | 'failed'; // failed: given up

/** `webhook.test` goes out when somebody asks for it. */
export type EventType = WebhookEventType | 'webhook.test';

/** One event for one endpoint. */
export interface Delivery {
  readonly id: string;
  readonly event: string; // the `webhook-id`: the same at every attempt
  readonly type: EventType;
  readonly room: string | undefined;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAt: number | undefined; // of the next attempt, while it waits
  readonly finishedAt: number | undefined;
  readonly status: number | undefined; // HTTP status of the last answer
  readonly error: string | undefined; // of the last attempt, for people
  readonly payload: string; // the body, as it is sent
}

export interface PageQuery {
  readonly cursor?: string | undefined; // `next` of the page before
  readonly limit: number;
}

export interface DeliveryQuery extends PageQuery {
  readonly state?: DeliveryState | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined; // undefined: it was the last
}

/** Settings that cannot be taken. The message says what to do. */
export class WebhookInvalid extends Error {
  readonly field: keyof WebhookSettings;

  constructor(field: keyof WebhookSettings, message: string) {
    super(message);
    this.name = 'WebhookInvalid';
    this.field = field;
  }
}
