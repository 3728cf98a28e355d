import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** As Standard Webhooks writes a symmetric secret: 32 random bytes in base64 behind a prefix. */
export const newSecret = () => `${PREFIX}${randomBytes(32).toString('base64')}`;

export interface Signed {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string; // s since 1970
  readonly 'webhook-signature': string;
}

/** The three headers of Standard Webhooks; of several secrets, a signature each, so that a receiver may change over when it likes. */
export function sign(secrets: readonly string[], id: string, body: string, now: number): Signed {
  const timestamp = String(Math.floor(now / 1_000));
  const signatures = secrets.map(secret => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
