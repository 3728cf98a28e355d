import { isDuplicate, StoreConflict } from './errors.ts';
import type { RepositoryOptions } from './projects.ts';
import type { RoomRow } from './tables/platform.ts';

/** A room that was set up: it exists before the first participant and after the last. Its settings are checked by who writes them. */
export interface StoredRoom {
  readonly project: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type Settings = StoredRoom['settings'];

export function createStoredRooms({ database, changes, now }: RepositoryOptions) {
  const change = (project: string, name: string) => ({ kind: 'room', project, subject: name }) as const;

  return {
    /** Rejects with `StoreConflict` where there is one of that name. */
    async create(project: string, name: string, settings: Settings): Promise<StoredRoom> {
      const row: RoomRow = { project, name, settings: JSON.stringify(settings), created_at: now(), updated_at: now() };
      try {
        await changes.write(change(project, name), trx => trx.insertInto('rooms').values(row).execute());
      } catch (error) {
        if (isDuplicate(error)) throw new StoreConflict(`There is a room ${JSON.stringify(name)} already.`);
        throw error;
      }
      return roomOf(row);
    },

    /** Made where there was none. */
    async put(project: string, name: string, settings: Settings): Promise<StoredRoom> {
      const row: RoomRow = { project, name, settings: JSON.stringify(settings), created_at: now(), updated_at: now() };
      const written = await changes.write(change(project, name), trx =>
        trx
          .insertInto('rooms')
          .values(row)
          .onConflict(conflict =>
            conflict.columns(['project', 'name']).doUpdateSet({ settings: row.settings, updated_at: row.updated_at }),
          )
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
      return roomOf(written);
    },

    /** Whether there was one. Bans of the room stay. */
    async remove(project: string, name: string): Promise<boolean> {
      const { numDeletedRows } = await changes.write(change(project, name), trx =>
        trx.deleteFrom('rooms').where('project', '=', project).where('name', '=', name).executeTakeFirst(),
      );
      return numDeletedRows > 0n;
    },

    async find(project: string, name: string): Promise<StoredRoom | undefined> {
      const row = await database
        .selectFrom('rooms')
        .selectAll()
        .where('project', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row && roomOf(row);
    },

    /** By name, those behind `after`. */
    async list(
      project: string,
      { after, limit }: { readonly after?: string; readonly limit: number },
    ): Promise<readonly StoredRoom[]> {
      let query = database.selectFrom('rooms').selectAll().where('project', '=', project).orderBy('name').limit(limit);
      if (after !== undefined) query = query.where('name', '>', after);
      return (await query.execute()).map(roomOf);
    },

    async all(): Promise<readonly StoredRoom[]> {
      return (await database.selectFrom('rooms').selectAll().execute()).map(roomOf);
    },
  };
}

export type StoredRooms = ReturnType<typeof createStoredRooms>;

const roomOf = ({ project, name, settings, created_at, updated_at }: RoomRow): StoredRoom => ({
  ...{ project, name, settings: JSON.parse(settings) as Settings },
  ...{ createdAt: created_at, updatedAt: updated_at },
});
