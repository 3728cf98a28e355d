import { randomUUID } from 'node:crypto';
import type { RepositoryOptions } from './projects.ts';
import type { RevocationRow } from './tables/platform.ts';

/** Tokens that open nothing any more: all that match every field that is given. */
export interface Revocation {
  readonly id: string;
  readonly project: string;
  readonly jti: string | undefined;
  readonly userId: string | undefined;
  readonly room: string | undefined;
  /** Only tokens issued until then, or of which nobody knows when. */
  readonly issuedBefore: number | undefined;
  /** Afterwards it is forgotten: when the tokens have expired by themselves. */
  readonly expiresAt: number | undefined;
  readonly reason: string;
  readonly createdAt: number;
}

export type NewRevocation = Omit<Revocation, 'id' | 'createdAt'>;

export function createRevocations({ database, changes, now }: RepositoryOptions) {
  return {
    async add(revocation: NewRevocation): Promise<Revocation> {
      const { project, jti, userId, room, issuedBefore, expiresAt, reason } = revocation;
      const row: RevocationRow = {
        ...{ id: randomUUID(), project, jti: jti ?? null, user_id: userId ?? null, room: room ?? null },
        ...{ issued_before: issuedBefore ?? null, expires_at: expiresAt ?? null, reason, created_at: now() },
      };
      await changes.write({ kind: 'revocation', project, subject: row.id }, trx =>
        trx.insertInto('revocations').values(row).execute(),
      );
      return revocationOf(row);
    },

    async find(id: string): Promise<Revocation | undefined> {
      const row = await database.selectFrom('revocations').selectAll().where('id', '=', id).executeTakeFirst();
      return row && revocationOf(row);
    },

    /** All that have not expired. */
    async all(): Promise<readonly Revocation[]> {
      const rows = await database
        .selectFrom('revocations')
        .selectAll()
        .where(each => each.or([each('expires_at', 'is', null), each('expires_at', '>', now())]))
        .execute();
      return rows.map(revocationOf);
    },

    async prune(): Promise<void> {
      await database.deleteFrom('revocations').where('expires_at', '<=', now()).execute();
    },
  };
}

export type Revocations = ReturnType<typeof createRevocations>;

const revocationOf = (row: RevocationRow): Revocation => ({
  ...{ id: row.id, project: row.project, reason: row.reason, createdAt: row.created_at },
  ...{ jti: row.jti ?? undefined, userId: row.user_id ?? undefined, room: row.room ?? undefined },
  ...{ issuedBefore: row.issued_before ?? undefined, expiresAt: row.expires_at ?? undefined },
});
