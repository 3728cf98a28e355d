import type { History, Place } from '../store/history.ts';
import type { RoomSessionRow, StayRow } from '../store/tables/records.ts';
import type { RoomSession, SessionPage, Sessions, Stay } from './sessions.ts';

/** The rooms' past, as it is asked for. */
export function createSessions(history: History): Sessions {
  return {
    async list({ cursor, limit, ...asked }) {
      const rows = await history.sessions({ ...asked, before: placeOf(cursor), limit: limit + 1 });
      return pageOf(rows, limit, sessionOf, ({ started_at, id }) => ({ at: started_at, id }));
    },

    async get(project, session) {
      const row = await history.session(project, session);
      return row && sessionOf(row);
    },

    async stays({ cursor, limit, ...asked }) {
      const rows = await history.stays({ ...asked, after: placeOf(cursor), limit: limit + 1 });
      return pageOf(rows, limit, stayOf, ({ joined_at, id }) => ({ at: joined_at, id }));
    },
  };
}

/** A cursor is a place in base64url, so that nobody takes it for anything else. One that is none begins at the beginning. */
function placeOf(cursor: string | undefined): Place | undefined {
  const match = /^(\d{1,15}) (.+)$/.exec(Buffer.from(cursor ?? '', 'base64url').toString());
  return match === null ? undefined : { at: Number(match[1]), id: match[2] ?? '' };
}

const cursorOf = ({ at, id }: Place) => Buffer.from(`${at} ${id}`).toString('base64url');

function pageOf<R, T>(rows: readonly R[], limit: number, itemOf: (row: R) => T, placeOfRow: (row: R) => Place): SessionPage<T> {
  const last = rows[limit - 1];
  return {
    items: rows.slice(0, limit).map(itemOf),
    next: rows.length > limit && last !== undefined ? cursorOf(placeOfRow(last)) : undefined,
  };
}

const between = (from: number, to: number | null) => (to === null ? undefined : Math.max(0, to - from));

const sessionOf = ({ id, project, room, started_at, ended_at, participants, peak }: RoomSessionRow): RoomSession => ({
  ...{ id, project, room, participants, peak, startedAt: started_at },
  endedAt: ended_at ?? undefined,
  duration: between(started_at, ended_at),
});

const stayOf = ({ participant, session, project, room, user_id, name, role, joined_at, left_at, reason }: StayRow): Stay => ({
  ...{ participant, session, project, room, user: user_id, name, role, joinedAt: joined_at },
  leftAt: left_at ?? undefined,
  duration: between(joined_at, left_at),
  reason: reason ?? undefined,
});
