import type { Claims } from '@aqlinks/protocol';
import type { FastifyRequest } from 'fastify';
import type { Audit } from '../../audit/audit.ts';
import type { Rooms } from '../../session.ts';
import type { Sessions } from '../../sessions/sessions.ts';
import type { Revocation } from '../../store/revocations.ts';
import type { Seal } from '../../store/seal.ts';
import type { Store } from '../../store/store.ts';
import type { IssuedToken } from '../../store/tokens.ts';
import type { Webhooks } from '../../webhooks/webhooks.ts';

/** What the interface is made of: all that it asks of the rest of the server. */
export interface ApiParts {
  readonly store: Pick<Store, 'projects' | 'keys' | 'roles' | 'rooms' | 'bans' | 'revocations' | 'tokens' | 'idempotency'>;
  readonly seal: Seal; // of answers that are kept
  readonly issued: (token: IssuedToken) => void; // kept for people; never throws and never waits
  readonly directory: Known;
  readonly tokens: TokenDesk;
  readonly rooms: Pick<Rooms, 'list' | 'participants' | 'control' | 'revoke'>;
  readonly audit: Pick<Audit, 'record' | 'list' | 'verify' | 'export'>;
  readonly sessions: Sessions;
  readonly webhooks: Webhooks;
  /** The IP address of whoever asks. */
  readonly addressOf: (request: FastifyRequest) => string;
  /** Where clients of this server connect: `wss://…`, as whoever asks can reach it. */
  readonly webSocketUrl: (request: FastifyRequest) => string;
  /** Whether a page of this origin may call from a browser. */
  readonly mayCall: (request: FastifyRequest) => boolean;
  /** Throws the `Refusal` of a project that asks too much. */
  readonly checkProject: (project: string, request: FastifyRequest) => void;
  readonly now: () => number; // ms since 1970
  readonly failed: (error: unknown) => void; // a bug of ours
}

/** What is held in memory: asked at each request, and never waits. */
export interface Known {
  /** undefined: there is none, or it was revoked. */
  key(id: string): KnownKey | undefined;
  readonly environmentKeys: readonly KnownKey[]; // of API_KEYS
  hasProject(project: string): boolean;
  isBanned(project: string, room: string, userId: string): boolean;
  /** The one that ends this token. */
  revocation(token: TokenFacts): Pick<Revocation, 'issuedBefore' | 'expiresAt'> | undefined;
}

export interface KnownKey {
  readonly id: string;
  readonly project: string;
  readonly source: 'store' | 'environment';
  readonly secrets: readonly { readonly value: Uint8Array; readonly until: number | undefined }[]; // the newest first; ms since 1970
}

export interface TokenFacts {
  readonly project: string;
  readonly jti: string | undefined;
  readonly userId: string;
  readonly room: string;
  readonly issuedAt: number | undefined; // ms since 1970
}

/** Signs and reads tokens. */
export interface TokenDesk {
  /** With the newest secret of this key; undefined: with JWT_SECRET. */
  sign(claims: Claims, key: string | undefined): Promise<string>;
  /** A token that opens something now: signature, times, claims, revocations. Rejects with `TokenRefused`. */
  verify(token: string): Promise<VerifiedToken>;
  /** A token with the claim `admin`. Rejects with `TokenRefused`. */
  verifyAdmin(token: string): Promise<AdminToken>;
}

export interface VerifiedToken {
  readonly project: string;
  readonly key: string | undefined; // that signed it; undefined: JWT_SECRET
  readonly claims: Claims;
}

export interface AdminToken {
  readonly project: string;
  readonly key: string | undefined;
  readonly jti: string | undefined;
  readonly user: string | undefined;
}
