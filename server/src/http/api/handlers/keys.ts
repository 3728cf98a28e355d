import { type ApiKey, type CreatedKey, type Project as ProjectAnswer, type RoleTable, secondsOf } from '@aqlinks/protocol';
import type { DirectoryKey } from '../../../directory/directory-key.ts';
import { StoreConflict } from '../../../store/errors.ts';
import type { Key, ShownKey } from '../../../store/keys.ts';
import type { Project } from '../../../store/projects.ts';
import { pageOfAll } from '../cursor.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { timeOf, timeOrNull } from '../time.ts';

type Names =
  | ('listKeys' | 'createKey' | 'getKey' | 'rotateKey' | 'revokeKey' | 'getRoles' | 'putRoles')
  | ('listProjects' | 'createProject' | 'getProject');

/** Keys, roles and projects. */
export function keyHandlers({ store, directory, rooms, now }: ApiParts): SomeHandlers<Names> {
  const ofProject = (project: string) => directory.environmentKeys.filter(key => key.project === project);
  const environmentKey = (project: string, id: string) => ofProject(project).find(key => key.id === id);
  const refuseEnvironment = (project: string, id: string) => {
    if (environmentKey(project, id) === undefined) return;
    throw new ApiProblem('conflict', 'This key comes from API_KEYS in the environment of the server: change it there.');
  };

  return {
    async listKeys({ project, query }) {
      const stored = (await store.keys.list(project)).map(key => describe(key, now()));
      const all = [...ofProject(project).map(ofEnvironment), ...stored];
      return pageOfAll(all, query, { list: 'keys', positionOf: ({ created_at, id }) => [created_at ?? '', id] });
    },

    async createKey({ project, body, note }) {
      const created = await withMasterKey(() => store.keys.create(project, body.name));
      note({ details: { created: created.id } });
      return shown(created, now());
    },

    async getKey({ project, params }) {
      const held = environmentKey(project, params.key);
      if (held !== undefined) return ofEnvironment(held);
      const found = await store.keys.find(project, params.key);
      if (found === undefined) throw notFound('key');
      return describe(found, now());
    },

    async rotateKey({ project, params, body, note }) {
      note({ details: { rotated: params.key, overlap: body.overlap } });
      refuseEnvironment(project, params.key);
      const overlap = (secondsOf(body.overlap) ?? 0) * 1_000;
      const rotated = await withMasterKey(() => store.keys.rotate(project, params.key, overlap));
      if (rotated === undefined) throw notFound('key');
      return shown(rotated, now());
    },

    async revokeKey({ project, params, note }) {
      note({ details: { revoked: params.key } });
      refuseEnvironment(project, params.key);
      if ((await store.keys.revoke(project, params.key)) === undefined) throw notFound('key');
      rooms.revoke({ project, key: params.key }, 'key-revoked');
      return undefined;
    },

    getRoles: async ({ project }) => ({ roles: (await store.roles.of(project)) as RoleTable as Record<string, never[]> }),

    async putRoles({ project, body }) {
      await store.roles.replace(project, body.roles);
      return body;
    },

    async listProjects({ query }) {
      const { items, next_cursor } = pageOfAll(await store.projects.list(), query, {
        list: 'projects',
        positionOf: ({ id }) => [id],
      });
      return { items: items.map(projectOf), next_cursor };
    },

    async createProject({ body, note }) {
      note({ project: body.project });
      return projectOf(await store.projects.create(body.project, body.name));
    },

    async getProject({ params }) {
      const found = await store.projects.find(params.project);
      if (found === undefined) throw new ApiProblem('not-found', 'There is no such project.');
      return projectOf(found);
    },
  };
}

async function withMasterKey<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw error instanceof StoreConflict ? new ApiProblem('conflict', error.message) : error;
  }
}

function describe({ id, name, createdAt, rotatedAt, revokedAt, overlaps }: Key, now: number): ApiKey {
  const until = Math.max(0, ...overlaps);
  return {
    ...{ id, name, created_at: timeOf(createdAt), rotated_at: timeOrNull(rotatedAt) },
    ...{ previous_until: until > now ? timeOf(until) : null, revoked_at: timeOrNull(revokedAt) },
  };
}

const shown = (key: ShownKey, now: number): CreatedKey => ({ ...describe(key, now), secret: key.secret });

const ofEnvironment = ({ id }: DirectoryKey): ApiKey => ({
  ...{ id, name: 'API_KEYS', created_at: null, rotated_at: null, previous_until: null, revoked_at: null },
});

const projectOf = ({ id, name, createdAt }: Project): ProjectAnswer => ({ project: id, name, created_at: timeOf(createdAt) });
