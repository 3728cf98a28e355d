import type { Grant, RevokeFilter } from '../session.ts';
import type { Meeting } from './meeting.ts';

/** Whether somebody who was let in by this grant is meant. */
export function matches(grant: Grant, meeting: Meeting, filter: RevokeFilter): boolean {
  const { project, room, userId, jti, key, issuedBefore } = filter;
  const is = <T>(wanted: T | undefined, ...values: T[]) => wanted === undefined || values.includes(wanted);
  return (
    is(project, grant.project) &&
    is(room, grant.room, meeting.name) &&
    is(userId, grant.userId) &&
    is(jti, grant.jti) &&
    is(key, grant.key) &&
    (issuedBefore === undefined || (grant.issuedAt ?? 0) < issuedBefore)
  );
}
