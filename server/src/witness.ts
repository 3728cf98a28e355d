import type { IncomingMessage } from 'node:http';
import { DEFAULT_PROJECT } from '@aqlinks/protocol';
import type { Audit } from './audit/audit.ts';
import { claimedBy } from './auth/claimed.ts';
import { TokenRefused } from './auth/token-refused.ts';
import type { Directory } from './directory/directory.ts';
import { credentialsOf } from './http/door.ts';
import { clientAddress } from './http/guard/client-address.ts';
import type { Trusts } from './http/own-origin.ts';
import type { Renewed } from './renew.ts';
import type { Grant, RoomEvent } from './session.ts';

export interface Witnessed {
  readonly audit: Pick<Audit, 'record'>;
  readonly directory: Pick<Directory, 'key'>;
  readonly trusts: Trusts;
}

/** What the door and the rooms do, told to the audit log. */
export interface Witness {
  readonly validated: (request: IncomingMessage, outcome: Grant | TokenRefused) => void;
  readonly turnedAway: (request: IncomingMessage, grant: Grant, reason: string) => void;
  readonly renewed: Renewed;
  readonly roomEvent: (event: RoomEvent) => void;
}

export function createWitness({ audit, directory, trusts }: Witnessed): Witness {
  const whoAsks = (request: IncomingMessage) => ({
    address: clientAddress(request, trusts),
    userAgent: request.headers['user-agent'],
  });
  return {
    validated(request, outcome) {
      const about = { action: 'token.validated', ...whoAsks(request) } as const;
      if (!(outcome instanceof TokenRefused)) {
        audit.record({ ...about, outcome: 'accepted', ...personOf(outcome) });
        return;
      }
      const claimed = claimedBy(credentialsOf(request)); // of a token that was refused nothing is known to be true
      const project = directory.key(claimed.key ?? '')?.project ?? DEFAULT_PROJECT;
      audit.record({ ...about, outcome: 'refused', reason: outcome.code, project, ...claimed });
    },
    turnedAway(request, grant, reason) {
      audit.record({ action: 'participant.refused', outcome: 'refused', reason, ...personOf(grant), ...whoAsks(request) });
    },
    renewed(held, outcome) {
      if (outcome instanceof Error) {
        audit.record({ action: 'token.renewed', outcome: 'refused', reason: outcome.code, ...personOf(held) });
      } else audit.record({ action: 'token.renewed', outcome: 'accepted', ...personOf(outcome), details: { before: held.jti } });
    },
    roomEvent(event) {
      switch (event.type) {
        case 'role-changed': {
          const { at, project, room, userId: user, participant, before, role } = event;
          const details = { participant, before, role };
          audit.record({ at, action: 'role.changed', outcome: 'accepted', project, room, user, details });
          return;
        }
        case 'moderated': {
          const { at, project, room, userId: user, participant, act, target } = event;
          const details = { participant, act, target: target ?? null };
          audit.record({ at, action: 'room.moderated', outcome: 'accepted', project, room, user, details });
          return;
        }
        case 'participant-left': {
          const { at, project, room, userId: user, participant, reason } = event;
          if (!BY_OTHERS.has(reason)) return;
          audit.record({
            at,
            action: 'participant.left',
            outcome: 'accepted',
            reason,
            project,
            room,
            user,
            details: { participant },
          });
          return;
        }
        default:
          return; // the rooms' past has it
      }
    },
  };
}

/** Reasons to leave that are somebody's act, or a token's end. */
const BY_OTHERS: ReadonlySet<string> = new Set(['removed', 'moved', 'expired', 'revoked', 'ended']);

const personOf = ({ project, key, jti, userId: user, room }: Grant) => ({ project, key, jti, user, room });
