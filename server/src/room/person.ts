import { type Participant, RIGHT_TO_PUBLISH, type Right, type Source, type Track, type Waiting } from '@aqlinks/protocol';
import type { Grant } from '../session.ts';
import type { Expiry } from './expiry.ts';

/** Somebody in a room, or in its lobby. */
export interface Person {
  readonly id: string;
  readonly joinedAt: number; // ms since 1970
  readonly tracks: Map<Source, Track>;
  /** What a moderator muted and its publisher did not unmute since. */
  readonly held: Set<Source>;
  grant: Grant; // another after a refresh
  role: string; // not the token's when it was changed in the call
  rights: ReadonlySet<Right>;
  expiry: Expiry;
}

/** As everybody sees them. */
export function asSeen({ id, grant, role, tracks }: Person): Participant {
  return { id, userId: grant.userId, name: grant.name, role, tracks: [...tracks.values()] };
}

export function asWaiting({ id, grant, role }: Person): Waiting {
  return { id, userId: grant.userId, name: grant.name, role };
}

export const mayPublish = (rights: ReadonlySet<Right>, source: Source) => rights.has(RIGHT_TO_PUBLISH[source]);

/** Whether somebody with these rights is told of another: of everybody, or only of those who publish what they receive. */
export function sees(rights: ReadonlySet<Right>, publishes: boolean): boolean {
  return rights.has('see-list') || (publishes && rights.has('receive'));
}
