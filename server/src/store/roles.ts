import type { RepositoryOptions } from './projects.ts';

/** Rights by role, as far as a project changes them. The names of rights are checked where they are used. */
export type RoleOverrides = Readonly<Record<string, readonly string[]>>;

export function createRoles({ database, changes }: RepositoryOptions) {
  return {
    /** In place of all that the project had. */
    async replace(project: string, roles: RoleOverrides): Promise<void> {
      await changes.write({ kind: 'roles', project, subject: project }, async trx => {
        await trx.deleteFrom('roles').where('project', '=', project).execute();
        const rows = Object.entries(roles).map(([role, rights]) => ({ project, role, rights: JSON.stringify(rights) }));
        if (rows.length > 0) await trx.insertInto('roles').values(rows).execute();
      });
    },
    async of(project: string): Promise<RoleOverrides> {
      const rows = await database.selectFrom('roles').selectAll().where('project', '=', project).orderBy('role').execute();
      return Object.fromEntries(rows.map(({ role, rights }) => [role, JSON.parse(rights) as string[]]));
    },
    /** By project. */
    async all(): Promise<ReadonlyMap<string, RoleOverrides>> {
      const all = new Map<string, Record<string, readonly string[]>>();
      for (const { project, role, rights } of await database.selectFrom('roles').selectAll().orderBy('role').execute()) {
        all.set(project, { ...all.get(project), [role]: JSON.parse(rights) as string[] });
      }
      return all;
    },
  };
}

export type Roles = ReturnType<typeof createRoles>;
