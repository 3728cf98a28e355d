import { ADMIN_AUDIENCE, Claims } from '@aqlinks/protocol';
import { type JWTPayload, SignJWT } from 'jose';

export interface SignedToken {
  readonly token: string;
  readonly expiresAt: number; // ms since 1970
}

export interface SignOptions {
  readonly secret: Uint8Array;
  readonly lifetime: number; // ms
  readonly now: number; // ms since 1970
}

/** What a token says, without its times. */
export type Identity = Omit<Claims, 'exp' | 'nbf' | 'iat'>;

/** As a backend does it: for the page in development, for `aqlinks token` and for tests. Throws where a claim breaks its bounds. */
export async function signToken(identity: Identity, { secret, lifetime, now }: SignOptions): Promise<SignedToken> {
  const issued = Math.floor(now / 1_000);
  const expires = issued + Math.ceil(lifetime / 1_000);
  const claims = Claims.parse({ ...identity, iat: issued, exp: expires });
  const token = await new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret);
  return { token, expiresAt: expires * 1_000 };
}

/** Who administers, and with which key; undefined: with JWT_SECRET, which is the operator of the server. */
export interface Administrator {
  readonly user: string; // stands in the audit log
  readonly key?: string | undefined;
}

/** Opens the REST API for a while, and no room. */
export const signAdminToken = ({ user, key }: Administrator, options: SignOptions): Promise<SignedToken> =>
  signToken({ user_id: user, aud: ADMIN_AUDIENCE, ...(key === undefined ? {} : { iss: key }) }, options);
