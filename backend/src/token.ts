import { Claims, isAdminToken } from '@aqlinks/protocol';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { ApiKey } from './api-key.ts';

/** An API key, which tokens name in `iss`; or the JWT_SECRET of the server, for tokens of its default project. */
export type Secret = ApiKey | string;

/** What a token says of its holder. */
export type Identity = Omit<Claims, 'exp' | 'nbf' | 'iat' | 'iss' | 'jti' | 'auth_time'>;

export interface SignedToken {
  readonly token: string;
  readonly jti: string; // to revoke it by
  readonly expiresAt: Date;
}

/** Here, without asking the server. `ttl` in seconds. Rejects where a claim breaks its bounds. */
export async function signToken(identity: Identity, secret: Secret, ttl: number): Promise<SignedToken> {
  const iat = Math.floor(Date.now() / 1_000);
  const jti = crypto.randomUUID();
  const iss = typeof secret === 'string' ? {} : { iss: secret.id };
  const claims = Claims.parse({ ...identity, ...iss, jti, iat, exp: iat + ttl });
  const token = await new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(keyOf(secret));
  return { token, jti, expiresAt: new Date((iat + ttl) * 1_000) };
}

/** It would open no call. */
export class TokenInvalid extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'TokenInvalid';
  }
}

/** The claims of a token that is good by itself: whether it was revoked only the server knows. Rejects with `TokenInvalid`. */
export async function verifyToken(token: string, secret: Secret): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), { algorithms: ['HS256'] });
    if (payload.iss !== (typeof secret === 'string' ? undefined : secret.id)) throw new TypeError('another key signed it');
    const claims = Claims.parse(payload);
    if (isAdminToken(claims)) throw new TypeError('it administers, and opens no call');
    return claims;
  } catch (error) {
    throw new TokenInvalid(error instanceof errors.JWTExpired ? 'The token has expired.' : 'The token is not valid.', error);
  }
}

const keyOf = (secret: Secret) => new TextEncoder().encode(typeof secret === 'string' ? secret : secret.secret);

/** Where a WebSocket opens the call. `url` is that of the server: `https://calls.example.com`. */
export function socketUrl(url: string, token: string): string {
  const address = new URL('/aq_server/websocket', url.replace(/^http/, 'ws'));
  address.searchParams.set('token', token);
  return address.href;
}
