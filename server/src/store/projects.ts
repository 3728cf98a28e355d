import type { Changes } from './changes.ts';
import type { Database } from './database.ts';
import { isDuplicate, StoreConflict } from './errors.ts';
import type { ProjectRow } from './tables/platform.ts';

export const DEFAULT_PROJECT = 'default';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface RepositoryOptions {
  readonly database: Database;
  readonly changes: Changes;
  readonly now: () => number; // ms since 1970
}

/** Tenants. The default one is there from the first start. */
export function createProjects({ database, changes, now }: RepositoryOptions) {
  return {
    /** Rejects with `StoreConflict` where there is one of that id. */
    async create(id: string, name: string): Promise<Project> {
      const row: ProjectRow = { id, name, created_at: now() };
      try {
        await changes.write({ kind: 'project', project: id, subject: id }, trx =>
          trx.insertInto('projects').values(row).execute(),
        );
      } catch (error) {
        if (isDuplicate(error)) throw new StoreConflict(`There is a project ${JSON.stringify(id)} already.`);
        throw error;
      }
      return projectOf(row);
    },
    async find(id: string): Promise<Project | undefined> {
      const row = await database.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
      return row && projectOf(row);
    },
    async list(): Promise<readonly Project[]> {
      return (await database.selectFrom('projects').selectAll().orderBy('id').execute()).map(projectOf);
    },
    /** At every start; of several servers the first one makes it. */
    async ensureDefault(): Promise<void> {
      await database
        .insertInto('projects')
        .values({ id: DEFAULT_PROJECT, name: 'Default', created_at: now() })
        .onConflict(conflict => conflict.doNothing())
        .execute();
    },
  };
}

export type Projects = ReturnType<typeof createProjects>;

const projectOf = ({ id, name, created_at }: ProjectRow): Project => ({ id, name, createdAt: created_at });
