import { createHmac } from 'node:crypto';
import type { IceServer } from '@aqlinks/protocol';

export interface TurnOptions {
  readonly urls: readonly string[]; // turn:, turns: or stun: (RFC 7064, RFC 7065)
  readonly secret: string | undefined; // shared with the TURN server: `static-auth-secret` of coturn
  readonly lifetime: number; // ms that credentials are good for
}

/**
 * The servers that a client may reach us through, with credentials of its own that expire: the name holds until when, the
 * password is the HMAC-SHA-1 of the name (draft-uberti-behave-turn-rest-00, as coturn checks it). STUN needs none.
 */
export function iceServers({ urls, secret, lifetime }: TurnOptions, userId: string, now: number): IceServer[] {
  const turn = urls.filter(url => /^turns?:/.test(url));
  const stun = urls.filter(url => !turn.includes(url));
  const servers: IceServer[] = stun.length === 0 ? [] : [{ urls: stun }];
  if (turn.length === 0 || secret === undefined) return servers;
  const username = `${Math.floor((now + lifetime) / 1_000)}:${userId}`;
  const credential = createHmac('sha1', secret).update(username).digest('base64');
  return [...servers, { urls: turn, username, credential }];
}
