import { ADMIN_AUDIENCE, type Claims, isAdminToken } from '@aqlinks/protocol';
import { type JWTPayload, SignJWT } from 'jose';
import { OPENS_NO_ROOM, TokenRefused } from './token-refused.ts';
import { type VerifiedToken, type VerifyOptions, verifyToken } from './verify-token.ts';

export interface TokenDeskOptions extends VerifyOptions {
  /** Whether a token that is good by itself was taken back; from memory. */
  readonly isRevoked: (token: {
    readonly project: string;
    readonly jti: string | undefined;
    readonly userId: string;
    readonly room: string;
    readonly issuedAt: number | undefined; // ms since 1970
  }) => boolean;
}

/** Who may administer, by a token: in one project if a key signed it, everywhere if JWT_SECRET did. */
export interface AdminToken {
  readonly project: string;
  readonly key: string | undefined;
  readonly jti: string | undefined;
  readonly user: string;
}

/** Signs tokens for others, and reads those that are shown to it. */
export class TokenDesk {
  readonly #options: TokenDeskOptions;

  constructor(options: TokenDeskOptions) {
    this.#options = options;
  }

  /** With the newest secret of this key; undefined: with JWT_SECRET. Rejects with `TokenRefused` where the key is gone. */
  async sign(claims: Claims, key: string | undefined): Promise<string> {
    const { iss: _, ...rest } = claims;
    const secret = key === undefined ? this.#options.secret : this.#options.keys(key)?.secrets[0]?.value;
    if (secret === undefined) throw new TokenRefused('token-issuer');
    const payload = (key === undefined ? rest : { ...rest, iss: key }) as JWTPayload;
    return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret);
  }

  /** A token that opens something now. Rejects with `TokenRefused`. */
  async verify(token: string): Promise<VerifiedToken> {
    const verified = await this.#read(token);
    if (isAdminToken(verified.claims)) throw new TokenRefused('token-claims', OPENS_NO_ROOM);
    return verified;
  }

  /** One for administrators that names no room, and ends: what may so much must not be valid for ever. Rejects with `TokenRefused`. */
  async verifyAdmin(token: string): Promise<AdminToken> {
    const { claims, project, key } = await this.#read(token);
    if (!isAdminToken(claims))
      throw new TokenRefused('token-claims', `The token is not one of an administrator: its aud is not ${ADMIN_AUDIENCE}.`);
    if (claims.room !== undefined) throw new TokenRefused('token-claims', 'A token of an administrator must not name a room.');
    if (claims.exp === undefined)
      throw new TokenRefused('token-claims', 'A token of an administrator must expire: `exp` is missing.');
    return { project, key, jti: claims.jti, user: claims.user_id };
  }

  async #read(token: string): Promise<VerifiedToken> {
    const verified = await verifyToken(token, this.#options);
    const { claims, project } = verified;
    const issuedAt = claims.iat === undefined ? undefined : Math.round(claims.iat * 1_000);
    const facts = { project, jti: claims.jti, userId: claims.user_id, room: claims.room ?? '', issuedAt };
    if (this.#options.isRevoked(facts)) throw new TokenRefused('token-revoked');
    return verified;
  }
}
