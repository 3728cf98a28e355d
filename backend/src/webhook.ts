import { WebhookEvent } from '@aqlinks/protocol';
import { Webhook } from 'standardwebhooks';

export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ReceivedEvent {
  readonly id: string; // the same twice is the same event: a delivery is repeated until it is answered with a 2xx
  readonly event: WebhookEvent | undefined; // undefined: of a kind that this version does not know, as a test is
}

/** Not from the server that the secret belongs to, or too old (five minutes), or changed on its way. */
export class WebhookInvalid extends Error {
  constructor(cause: unknown) {
    super(`The webhook is not genuine: ${(cause as Error).message}.`, { cause });
    this.name = 'WebhookInvalid';
  }
}

/** Checks the signature and the age (Standard Webhooks) of the body as it came, byte by byte. Throws `WebhookInvalid`. */
export function readWebhook(body: string | Uint8Array, headers: WebhookHeaders, secret: string): ReceivedEvent {
  const one = (name: string) => String(headers[name] ?? '');
  const signed = {
    'webhook-id': one('webhook-id'),
    'webhook-timestamp': one('webhook-timestamp'),
    'webhook-signature': one('webhook-signature'),
  };
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  let payload: unknown;
  try {
    payload = new Webhook(secret).verify(text, signed);
  } catch (error) {
    throw new WebhookInvalid(error);
  }
  return { id: signed['webhook-id'], event: WebhookEvent.safeParse(payload).data };
}
