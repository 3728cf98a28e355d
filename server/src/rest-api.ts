import { hkdfSync } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Audit } from './audit/audit.ts';
import { TokenDesk } from './auth/token-desk.ts';
import type { Configuration } from './config/keys.ts';
import { apiRoutes } from './http/api/api.ts';
import { docsRoutes } from './http/api/docs.ts';
import { type Door, SOCKET_PATHS } from './http/door.ts';
import { clientAddress } from './http/guard/client-address.ts';
import type { Guard } from './http/guard/guard.ts';
import type { Trusts } from './http/own-origin.ts';
import { publicOrigin } from './http/public-origin.ts';
import type { Platform } from './platform.ts';
import type { Rooms } from './session.ts';
import type { Sessions } from './sessions/sessions.ts';
import { createSeal } from './store/seal.ts';
import type { Timeline } from './timeline/timeline.ts';
import { VERSION } from './version.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** What the REST interface is made of, from the parts of a server. */
export interface RestApiParts {
  readonly configuration: Configuration;
  readonly secret: Uint8Array; // JWT_SECRET
  readonly platform: Pick<Platform, 'store' | 'directory' | 'journal'>;
  readonly rooms: Rooms;
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly webhooks: Webhooks;
  readonly timeline: Timeline;
  readonly door: Door;
  readonly guard: Guard;
  readonly trusts: Trusts;
  readonly localOrigin: () => string;
  readonly failed: (error: unknown) => void; // a bug of ours
}

/** Adds `/api` to the listener. */
export function serveRestApi(app: FastifyInstance, parts: RestApiParts): void {
  const { configuration, secret, platform, door, guard, trusts } = parts;
  const { store, directory, journal } = platform;
  const { publicUrl, tokenClockTolerance: clockTolerance } = configuration;
  const where = { publicUrl, trusts, fallback: parts.localOrigin };
  apiRoutes(app, {
    ...parts,
    store,
    directory,
    seal: store.seal ?? createSeal(derivedKey(secret)),
    tokens: new TokenDesk({
      ...{ secret, clockTolerance, now: Date.now },
      keys: id => directory.key(id),
      isRevoked: token => directory.revocation(token) !== undefined,
    }),
    issued: token => journal.append('token', token),
    addressOf: request => clientAddress(request.raw, trusts),
    webSocketUrl: request => `${publicOrigin(request.raw, where).replace(/^http/, 'ws')}${SOCKET_PATHS[0]}`,
    mayCall: request => door.mayConnect(request.raw),
    checkProject: (project, request) => guard.checkProject('requests', project, request.raw),
    now: Date.now,
    clockTolerance,
  });
  docsRoutes(app, VERSION);
}

/** Without a MASTER_KEY, answers that are kept for a day are sealed with what all servers have in common as well. */
const derivedKey = (secret: Uint8Array) => new Uint8Array(hkdfSync('sha256', secret, '', 'aqlinks kept answers', 32));
