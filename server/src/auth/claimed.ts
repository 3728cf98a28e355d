import { decodeJwt } from 'jose';
import { type Credentials, tokenOf } from './authenticate.ts';
import { MAX_TOKEN_LENGTH } from './verify-token.ts';

/** What a token says of itself, whether it is true or not: for the log of those that were refused, and for nothing else. */
export interface Claimed {
  readonly key?: string;
  readonly jti?: string;
  readonly user?: string;
  readonly room?: string;
}

export function claimedBy(credentials: Credentials): Claimed {
  const token = tokenOf(credentials);
  if (token === undefined || token.length > MAX_TOKEN_LENGTH) return {};
  try {
    const { iss: key, jti, user_id: user, room } = decodeJwt(token);
    return Object.fromEntries(Object.entries({ key, jti, user, room }).filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}
