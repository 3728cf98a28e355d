import { randomBytes } from 'node:crypto';
import { StoreConflict } from './errors.ts';
import type { RepositoryOptions } from './projects.ts';
import { type Seal, SealBroken } from './seal.ts';
import type { KeyRow } from './tables/platform.ts';

const ID_BYTES = 12;
const SECRET_BYTES = 32; // RFC 7518 3.2: as large as the output of the hash
const MAX_OVERLAPPING = 4; // secrets before the newest that may still be valid

/** An API key as people see it: never with a secret. */
export interface Key {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly createdAt: number;
  readonly rotatedAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** Until when the secrets before the newest are taken, the latest first. */
  readonly overlaps: readonly number[];
}

/** The only time that a secret is shown. */
export interface ShownKey extends Key {
  readonly secret: string;
}

/** What verifies signatures: in memory only. */
export interface OpenedKey extends Key {
  readonly secrets: readonly OpenedSecret[];
}

export interface OpenedSecret {
  readonly value: string;
  readonly until: number | undefined; // undefined: until it is rotated or revoked
}

interface SealedSecret {
  readonly sealed: string;
  readonly until?: number;
}

export interface KeysOptions extends RepositoryOptions {
  /** Absent: there is no master key, and no key can be stored. */
  readonly seal: Seal | undefined;
}

/** A row that somebody moved into another project does not open there. */
const placeOf = ({ project, id }: Pick<KeyRow, 'project' | 'id'>) => `api-key:${project}:${id}`;

export function createKeys({ database, changes, now, seal }: KeysOptions) {
  const sealer = () => {
    if (seal === undefined) throw new StoreConflict('Keys cannot be stored without a MASTER_KEY. Set one and start again.');
    return seal;
  };
  const change = (project: string, id: string) => ({ kind: 'key', project, subject: id }) as const;
  const find = (id: string) => database.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();

  return {
    async create(project: string, name: string): Promise<ShownKey> {
      const id = `key_${randomBytes(ID_BYTES).toString('hex')}`;
      const secret = newSecret();
      const row: KeyRow = {
        ...{ id, project, name, secrets: JSON.stringify([{ sealed: sealer().close(placeOf({ project, id }), secret) }]) },
        ...{ created_at: now(), rotated_at: null, revoked_at: null },
      };
      await changes.write(change(project, id), trx => trx.insertInto('api_keys').values(row).execute());
      return { ...keyOf(row), secret };
    },

    /** A new secret for the same id; the one before it is taken for `overlap` more milliseconds. Undefined: there is no such key. */
    async rotate(project: string, id: string, overlap: number): Promise<ShownKey | undefined> {
      const secret = newSecret();
      const sealed = sealer().close(placeOf({ project, id }), secret);
      const rotated = await changes.write(change(project, id), async trx => {
        const row = await trx
          .updateTable('api_keys') // takes the row's lock before it is read
          .set({ rotated_at: now() })
          .where('id', '=', id)
          .where('project', '=', project)
          .where('revoked_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const until = now() + overlap;
        const before = sealedOf(row)
          .map(each => ({ ...each, until: Math.min(each.until ?? until, until) }))
          .filter(each => each.until > now());
        const secrets = JSON.stringify([{ sealed }, ...before.slice(0, MAX_OVERLAPPING)]);
        await trx.updateTable('api_keys').set({ secrets }).where('id', '=', id).execute();
        return { ...row, secrets };
      });
      return rotated && { ...keyOf(rotated), secret };
    },

    /** For ever, and its secrets are forgotten. Undefined: there is no such key. */
    async revoke(project: string, id: string): Promise<Key | undefined> {
      const row = await changes.write(change(project, id), trx =>
        trx
          .updateTable('api_keys')
          .set({ revoked_at: now(), secrets: '[]' })
          .where('id', '=', id)
          .where('project', '=', project)
          .where('revoked_at', 'is', null)
          .returningAll()
          .executeTakeFirst(),
      );
      return row && keyOf(row);
    },

    async list(project: string): Promise<readonly Key[]> {
      const rows = await database
        .selectFrom('api_keys')
        .selectAll()
        .where('project', '=', project)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(keyOf);
    },

    async find(project: string, id: string): Promise<Key | undefined> {
      const row = await find(id);
      return row?.project === project ? keyOf(row) : undefined;
    },

    /** With its secrets; undefined where there is none or it was revoked. Rejects with `SealBroken`. */
    async open(id: string): Promise<OpenedKey | undefined> {
      const row = await find(id);
      return row === undefined || row.revoked_at !== null ? undefined : opened(row, seal);
    },

    /** All that are not revoked, and the ids of those that do not open. */
    async openAll(): Promise<{ readonly opened: readonly OpenedKey[]; readonly broken: readonly string[] }> {
      const rows = await database.selectFrom('api_keys').selectAll().where('revoked_at', 'is', null).execute();
      const keys = rows.map(row => openedOrBroken(row, seal));
      return {
        opened: keys.filter(key => typeof key !== 'string'),
        broken: keys.filter(key => typeof key === 'string'),
      };
    },
  };
}

export type Keys = ReturnType<typeof createKeys>;

const newSecret = () => randomBytes(SECRET_BYTES).toString('base64url');

const sealedOf = ({ secrets }: KeyRow) => JSON.parse(secrets) as SealedSecret[];

function opened(row: KeyRow, seal: Seal | undefined): OpenedKey {
  if (seal === undefined) throw new SealBroken();
  const secrets = sealedOf(row).map(({ sealed, until }) => ({ value: seal.open(placeOf(row), sealed), until }));
  return { ...keyOf(row), secrets };
}

function openedOrBroken(row: KeyRow, seal: Seal | undefined): OpenedKey | string {
  try {
    return opened(row, seal);
  } catch (error) {
    if (error instanceof SealBroken) return row.id;
    throw error;
  }
}

const keyOf = (row: KeyRow): Key => ({
  ...{ id: row.id, project: row.project, name: row.name, createdAt: row.created_at },
  rotatedAt: row.rotated_at ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
  overlaps: sealedOf(row).flatMap(({ until }) => until ?? []),
});
