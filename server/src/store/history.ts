import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { RoomSessionRow, StayRow } from './tables/records.ts';

/** One step of a room's life. Each may come twice: what is there already is left alone. */
export type HistoryStep =
  | { readonly type: 'started'; readonly session: Pick<RoomSessionRow, 'id' | 'project' | 'room' | 'server' | 'started_at'> }
  | { readonly type: 'ended'; readonly session: string; readonly at: number }
  | { readonly type: 'joined'; readonly stay: Omit<StayRow, 'left_at' | 'reason'> }
  | { readonly type: 'left'; readonly stay: string; readonly session: string; readonly at: number; readonly reason: string }
  | { readonly type: 'role'; readonly stay: string; readonly role: string };

export interface SessionFilter {
  readonly project: string;
  readonly room?: string | undefined;
  readonly user?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly before?: Place | undefined;
  readonly limit: number;
}

export interface StayFilter {
  readonly project: string;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  readonly room?: string | undefined;
  readonly after?: Place | undefined;
  readonly limit: number;
}

/** Where a page ends: rows are ordered by time, and by id where that is the same. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** The reason of stays that nobody ended: their server died. */
export const SERVER_LOST = 'server-lost';

/** The rooms' past, and which servers live. */
export function createHistory({ database, now }: { readonly database: Database; readonly now: () => number }) {
  return {
    async apply(transaction: Database, steps: readonly HistoryStep[]): Promise<void> {
      for (const step of steps) await applyStep(transaction, step);
    },

    async session(project: string, id: string): Promise<RoomSessionRow | undefined> {
      return database
        .selectFrom('room_sessions')
        .selectAll()
        .where('id', '=', id)
        .where('project', '=', project)
        .executeTakeFirst();
    },

    /** The latest first. */
    sessions({ project, room, user, from, to, before, limit }: SessionFilter): Promise<RoomSessionRow[]> {
      let query = database.selectFrom('room_sessions').selectAll().where('project', '=', project);
      if (room !== undefined) query = query.where('room', '=', room);
      if (from !== undefined) query = query.where('started_at', '>=', from);
      if (to !== undefined) query = query.where('started_at', '<', to);
      if (user !== undefined) {
        query = query.where(each =>
          each.exists(
            each
              .selectFrom('stays')
              .select('stays.id')
              .whereRef('stays.session', '=', 'room_sessions.id')
              .where('stays.user_id', '=', user),
          ),
        );
      }
      if (before !== undefined) {
        query = query.where(each =>
          each.or([
            each('started_at', '<', before.at),
            each.and([each('started_at', '=', before.at), each('id', '<', before.id)]),
          ]),
        );
      }
      return query.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
    },

    /** In the order in which they came. */
    stays({ project, session, user, room, after, limit }: StayFilter): Promise<StayRow[]> {
      let query = database.selectFrom('stays').selectAll().where('project', '=', project);
      if (session !== undefined) query = query.where('session', '=', session);
      if (user !== undefined) query = query.where('user_id', '=', user);
      if (room !== undefined) query = query.where('room', '=', room);
      if (after !== undefined) {
        query = query.where(each =>
          each.or([each('joined_at', '>', after.at), each.and([each('joined_at', '=', after.at), each('id', '>', after.id)])]),
        );
      }
      return query.orderBy('joined_at').orderBy('id').limit(limit).execute();
    },

    /** Says that a server lives. Answers the beats of all, its own too. */
    async beat(server: string): Promise<ReadonlyMap<string, number>> {
      await database
        .insertInto('servers')
        .values({ id: server, beat: 1, seen_at: now() })
        .onConflict(conflict =>
          conflict.column('id').doUpdateSet(each => ({ beat: each('servers.beat', '+', 1), seen_at: now() })),
        )
        .execute();
      const rows = await database.selectFrom('servers').select(['id', 'beat']).execute();
      return new Map(rows.map(({ id, beat }) => [id, beat]));
    },

    /** It ends by itself: nothing of it is open. */
    async leave(server: string): Promise<void> {
      await database.deleteFrom('servers').where('id', '=', server).execute();
    },

    /**
     * Takes over what a dead server left open, if it did not beat since. Of several servers that try one does it: the others get
     * undefined. To be called in the transaction that also ends what is answered.
     */
    async bury(transaction: Database, server: string, beat: number): Promise<Remains | undefined> {
      const row = await transaction
        .deleteFrom('servers')
        .where('id', '=', server)
        .where('beat', '=', beat)
        .returning('seen_at')
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const sessions = await transaction
        .selectFrom('room_sessions')
        .selectAll()
        .where('server', '=', server)
        .where('ended_at', 'is', null)
        .orderBy('started_at')
        .execute();
      const ids = sessions.map(({ id }) => id);
      const stays =
        ids.length === 0
          ? []
          : await transaction
              .selectFrom('stays')
              .selectAll()
              .where('session', 'in', ids)
              .where('left_at', 'is', null)
              .orderBy('joined_at')
              .execute();
      return { at: row.seen_at, sessions, stays };
    },

    /** Sessions that ended before then, with their stays. */
    async forget(before: number): Promise<void> {
      const old = database.selectFrom('room_sessions').select('id').where('ended_at', '<', before);
      await database.deleteFrom('stays').where('session', 'in', old).execute();
      await database.deleteFrom('room_sessions').where('ended_at', '<', before).execute();
    },
  };
}

export type History = ReturnType<typeof createHistory>;

export interface Remains {
  readonly at: number; // when it was last seen
  readonly sessions: readonly RoomSessionRow[];
  readonly stays: readonly StayRow[];
}

async function applyStep(transaction: Database, step: HistoryStep): Promise<void> {
  switch (step.type) {
    case 'started':
      await transaction
        .insertInto('room_sessions')
        .values({ ...step.session, ended_at: null, participants: 0, present: 0, peak: 0 })
        .onConflict(conflict => conflict.doNothing())
        .execute();
      return;
    case 'ended':
      await transaction
        .updateTable('room_sessions')
        .set({ ended_at: step.at, present: 0 })
        .where('id', '=', step.session)
        .where('ended_at', 'is', null)
        .execute();
      return;
    case 'joined':
      return join(transaction, { ...step.stay, left_at: null, reason: null });
    case 'left':
      return leave(transaction, step);
    case 'role':
      await transaction.updateTable('stays').set({ role: step.role }).where('id', '=', step.stay).execute();
      return;
  }
}

async function join(transaction: Database, stay: StayRow): Promise<void> {
  const added = await transaction
    .insertInto('stays')
    .values(stay)
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return;
  await transaction
    .updateTable('room_sessions')
    .set(each => ({
      participants: each('participants', '+', 1),
      present: each('present', '+', 1),
      peak: sql<number>`case when present + 1 > peak then present + 1 else peak end`,
    }))
    .where('id', '=', stay.session)
    .execute();
}

/** A server that was taken for dead and is not knows better when and why somebody left. */
async function leave(
  transaction: Database,
  { stay, session, at, reason }: Extract<HistoryStep, { readonly type: 'left' }>,
): Promise<void> {
  const left = await transaction
    .updateTable('stays')
    .set({ left_at: at, reason })
    .where('id', '=', stay)
    .where('left_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (left === undefined) {
    await transaction
      .updateTable('stays')
      .set({ left_at: at, reason })
      .where('id', '=', stay)
      .where('reason', '=', SERVER_LOST)
      .execute();
    return;
  }
  await transaction
    .updateTable('room_sessions')
    .set(each => ({ present: each('present', '-', 1) }))
    .where('id', '=', session)
    .where('present', '>', 0)
    .execute();
}
