import type { AuditEntry, RoomSession as RoomSessionAnswer, SessionParticipant } from '@aqlinks/protocol';
import type { AuditRecord, AuditVerdict } from '../../../audit/audit.ts';
import type { RoomSession, Stay } from '../../../sessions/sessions.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import { notFound } from '../problem.ts';
import { msOf, timeOf, timeOrNull } from '../time.ts';

type Names = 'listAudit' | 'verifyAudit' | 'exportAudit' | 'listSessions' | 'getSession' | 'listSessionParticipants';

/** What was: the audit log and the calls. */
export function historyHandlers({ audit, sessions }: ApiParts): SomeHandlers<Names> {
  return {
    async listAudit({ project, query: { cursor, from, to, limit, ...filter } }) {
      const before = readCursor('audit', cursor, ['number'])?.[0] as number | undefined;
      const asked = { ...filter, from: msOf(from), to: msOf(to), before };
      await audit.flushed(); // whoever did something sees it
      const { items, next } = await audit.list({ ...given(asked), project, limit });
      return { items: items.map(entry), next_cursor: next === undefined ? null : writeCursor('audit', [next]) };
    },

    async verifyAudit() {
      await audit.flushed();
      return verification(await audit.verify());
    },

    async exportAudit({ project, query: { from, to } }) {
      await audit.flushed();
      return audit.export({ project, ...given({ from: msOf(from), to: msOf(to) }) });
    },

    async listSessions({ project, query: { room, user_id, from, to, cursor, limit } }) {
      const asked = { project, room, user: user_id, from: msOf(from), to: msOf(to), cursor, limit };
      const { items, next } = await sessions.list(asked);
      return { items: items.map(session), next_cursor: next ?? null };
    },

    async getSession({ project, params }) {
      const found = await sessions.get(project, params.session);
      if (found === undefined) throw notFound('session');
      return session(found);
    },

    async listSessionParticipants({ project, params, query: { cursor, limit } }) {
      if ((await sessions.get(project, params.session)) === undefined) throw notFound('session');
      const { items, next } = await sessions.stays({ project, session: params.session, cursor, limit });
      return { items: items.map(stay), next_cursor: next ?? null };
    },
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;

const entry = (record: AuditRecord): AuditEntry => ({
  ...{ seq: record.seq, id: record.id, at: timeOf(record.at), action: record.action, outcome: record.outcome },
  ...{ reason: record.reason ?? null, project: record.project, key: record.key ?? null, jti: record.jti ?? null },
  ...{ user: record.user ?? null, room: record.room ?? null, address: record.address ?? null },
  ...{ user_agent: record.userAgent ?? null, details: record.details ?? null, hash: record.hash },
});

function verification(verdict: AuditVerdict) {
  if (verdict.intact) {
    const { intact, entries, anchor, head, sealed } = verdict;
    return { intact, entries, anchor: { ...anchor }, head: { ...head }, sealed, problem: null };
  }
  const { seq, kind, text } = verdict.problem;
  return {
    intact: false,
    entries: verdict.entries,
    anchor: null,
    head: null,
    sealed: false,
    problem: { seq, kind, detail: text },
  };
}

const session = ({ id, room, startedAt, endedAt, participants }: RoomSession): RoomSessionAnswer => ({
  ...{ id, room, started_at: timeOf(startedAt), ended_at: timeOrNull(endedAt), participants },
});

const stay = ({ participant, user, name, role, joinedAt, leftAt, reason }: Stay): SessionParticipant => ({
  ...{ id: participant, user_id: user, name, role },
  ...{ joined_at: timeOf(joinedAt), left_at: timeOrNull(leftAt), reason: reason ?? null },
});
