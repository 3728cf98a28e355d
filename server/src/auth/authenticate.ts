import { Claims, DEFAULT_ROLE, DEFAULT_ROOM, isAdminToken } from '@aqlinks/protocol';
import type * as z from 'zod';
import type { Grant } from '../session.ts';
import { OPENS_NO_ROOM, TokenRefused } from './token-refused.ts';
import { type VerifiedToken, type VerifyOptions, verifyToken } from './verify-token.ts';

/** What a request brings to be let in. */
export interface Credentials {
  readonly query: URLSearchParams; // `token`, `room`, `username`
  readonly authorization: string | undefined; // the header
}

export type Authenticate = (credentials: Credentials) => Promise<Grant>;

export interface AuthenticatorOptions extends VerifyOptions {
  /** Whether a token that is good by itself was taken back; from memory. */
  readonly isRevoked: (token: Pick<Grant, 'project' | 'jti' | 'userId' | 'room' | 'issuedAt'>) => boolean;
}

/** From a request to a grant. Rejects with `TokenRefused`. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  return async ({ query, authorization }) => {
    const token = tokenOf({ query, authorization });
    if (token === undefined) throw new TokenRefused('token-missing');
    const verified = await verifyToken(token, options);
    if (isAdminToken(verified.claims)) throw new TokenRefused('token-claims', OPENS_NO_ROOM);
    const grant = grantOf(verified, query);
    if (options.isRevoked(grant)) throw new TokenRefused('token-revoked');
    return grant;
  };
}

export const tokenOf = ({ query, authorization }: Credentials) => query.get('token') || bearer(authorization);

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]; // RFC 6750 2.1
}

/** The token wins over the query: only what it leaves out is its holder's choice (SPEC P4). */
function grantOf({ claims, project, key }: VerifiedToken, query: URLSearchParams): Grant {
  return {
    ...{ project, key },
    jti: claims.jti,
    expiresAt: milliseconds(claims.exp),
    issuedAt: milliseconds(claims.iat),
    userId: claims.user_id,
    name: claims.name ?? asked(query, 'username', Claims.shape.name) ?? claims.user_id,
    email: claims.email,
    room: claims.room ?? asked(query, 'room', Claims.shape.room) ?? DEFAULT_ROOM,
    role: claims.user_type ?? DEFAULT_ROLE,
    permissions: claims.permissions,
  };
}

const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : Math.round(seconds * 1_000));

function asked(query: URLSearchParams, name: string, schema: z.ZodType<string | undefined>): string | undefined {
  const parsed = schema.safeParse(query.get(name) || undefined);
  if (parsed.success) return parsed.data;
  throw new TokenRefused(
    'token-claims',
    `The ?${name}= of the address is too long or has control characters, and the token has none.`,
  );
}
