import type { FastifyRequest } from 'fastify';
import type { Audit } from '../../audit/audit.ts';
import type { TokenDesk } from '../../auth/token-desk.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Rooms } from '../../session.ts';
import type { Sessions } from '../../sessions/sessions.ts';
import type { Seal } from '../../store/seal.ts';
import type { Store } from '../../store/store.ts';
import type { IssuedToken } from '../../store/tokens.ts';
import type { Timeline } from '../../timeline/timeline.ts';
import type { Webhooks } from '../../webhooks/webhooks.ts';

/** What the interface is made of: all that it asks of the rest of the server. */
export interface ApiParts {
  readonly store: Pick<Store, 'projects' | 'keys' | 'roles' | 'rooms' | 'bans' | 'revocations' | 'tokens' | 'idempotency'>;
  readonly seal: Seal; // of answers that are kept
  readonly issued: (token: IssuedToken) => void; // kept for people; never throws and never waits
  readonly directory: Pick<Directory, 'key' | 'environmentKeys' | 'hasProject' | 'isBanned' | 'revocation'>; // in memory
  readonly tokens: Pick<TokenDesk, 'sign' | 'verify' | 'verifyAdmin'>;
  readonly rooms: Pick<Rooms, 'list' | 'participants' | 'control' | 'revoke'>;
  readonly audit: Pick<Audit, 'record' | 'flushed' | 'list' | 'verify' | 'export'>;
  readonly sessions: Sessions;
  readonly webhooks: Webhooks;
  readonly timeline: Pick<Timeline, 'call'>; // of this server's calls
  /** The IP address of whoever asks. */
  readonly addressOf: (request: FastifyRequest) => string;
  /** Where clients of this server connect: `wss://…`, as whoever asks can reach it. */
  readonly webSocketUrl: (request: FastifyRequest) => string;
  /** Whether a page of this origin may call from a browser. */
  readonly mayCall: (request: FastifyRequest) => boolean;
  /** Throws the `Refusal` of a project that asks too much. */
  readonly checkProject: (project: string, request: FastifyRequest) => void;
  readonly now: () => number; // ms since 1970
  readonly clockTolerance: number; // ms that other clocks may be off
  readonly failed: (error: unknown) => void; // a bug of ours
}
