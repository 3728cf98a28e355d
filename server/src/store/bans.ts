import type { RepositoryOptions } from './projects.ts';
import type { BanRow } from './tables/platform.ts';

/** Somebody who may not come back into a room. */
export interface Ban {
  readonly project: string;
  readonly room: string;
  readonly userId: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined; // undefined: until it is lifted
}

export type NewBan = Omit<Ban, 'createdAt'>;

/** What names a ban in the feed. */
export const banSubject = (room: string, userId: string) => JSON.stringify([room, userId]);
export const readBanSubject = (subject: string) => JSON.parse(subject) as [room: string, userId: string];

export function createBans({ database, changes, now }: RepositoryOptions) {
  const change = (project: string, room: string, userId: string) =>
    ({ kind: 'ban', project, subject: banSubject(room, userId) }) as const;

  return {
    /** In place of an older ban of the same person. */
    async put({ project, room, userId, reason, expiresAt }: NewBan): Promise<Ban> {
      const rest = { reason, created_at: now(), expires_at: expiresAt ?? null };
      const row: BanRow = { project, room, user_id: userId, ...rest };
      await changes.write(change(project, room, userId), trx =>
        trx
          .insertInto('bans')
          .values(row)
          .onConflict(conflict => conflict.columns(['project', 'room', 'user_id']).doUpdateSet(rest))
          .execute(),
      );
      return banOf(row);
    },

    /** Whether there was one. */
    async lift(project: string, room: string, userId: string): Promise<boolean> {
      const { numDeletedRows } = await changes.write(change(project, room, userId), trx =>
        trx
          .deleteFrom('bans')
          .where('project', '=', project)
          .where('room', '=', room)
          .where('user_id', '=', userId)
          .executeTakeFirst(),
      );
      return numDeletedRows > 0n;
    },

    async find(project: string, room: string, userId: string): Promise<Ban | undefined> {
      const row = await database
        .selectFrom('bans')
        .selectAll()
        .where('project', '=', project)
        .where('room', '=', room)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row && banOf(row);
    },

    async list(project: string, room: string): Promise<readonly Ban[]> {
      const rows = await database
        .selectFrom('bans')
        .selectAll()
        .where('project', '=', project)
        .where('room', '=', room)
        .orderBy('user_id')
        .execute();
      return rows.map(banOf);
    },

    async all(): Promise<readonly Ban[]> {
      return (await database.selectFrom('bans').selectAll().execute()).map(banOf);
    },

    async prune(): Promise<void> {
      await database.deleteFrom('bans').where('expires_at', '<=', now()).execute();
    },
  };
}

export type Bans = ReturnType<typeof createBans>;

const banOf = ({ project, room, user_id, reason, created_at, expires_at }: BanRow): Ban => ({
  ...{ project, room, userId: user_id, reason, createdAt: created_at },
  expiresAt: expires_at ?? undefined,
});
