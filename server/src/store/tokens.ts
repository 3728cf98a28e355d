import type { RepositoryOptions } from './projects.ts';
import type { TokenRow } from './tables/platform.ts';

/** A token that this server issued: what it says, never the token itself. */
export interface IssuedToken {
  readonly jti: string;
  readonly project: string;
  readonly key: string | undefined;
  readonly userId: string;
  readonly room: string | undefined;
  readonly role: string | undefined;
  readonly permissions: readonly string[] | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly refreshedFrom: string | undefined; // the `jti` before it
}

const KEPT_AFTER = 24 * 3_600_000; // ms after a token expired

/** Bookkeeping, for people: whether a token opens anything is decided without it. */
export function createTokens({ database, now }: Omit<RepositoryOptions, 'changes'>) {
  return {
    async add(...tokens: readonly IssuedToken[]): Promise<void> {
      if (tokens.length === 0) return;
      await database
        .insertInto('tokens')
        .values(tokens.map(rowOf))
        .onConflict(conflict => conflict.column('jti').doNothing()) // written again after a crash
        .execute();
    },

    async find(project: string, jti: string): Promise<IssuedToken | undefined> {
      const row = await database.selectFrom('tokens').selectAll().where('jti', '=', jti).executeTakeFirst();
      return row?.project === project ? tokenOf(row) : undefined;
    },

    async prune(): Promise<void> {
      await database
        .deleteFrom('tokens')
        .where('expires_at', '<=', now() - KEPT_AFTER)
        .execute();
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;

const rowOf = (token: IssuedToken): TokenRow => ({
  ...{ jti: token.jti, project: token.project, key: token.key ?? null, user_id: token.userId },
  ...{ room: token.room ?? null, role: token.role ?? null },
  permissions: token.permissions === undefined ? null : JSON.stringify(token.permissions),
  ...{ issued_at: token.issuedAt, expires_at: token.expiresAt, refreshed_from: token.refreshedFrom ?? null },
});

const tokenOf = (row: TokenRow): IssuedToken => ({
  ...{ jti: row.jti, project: row.project, key: row.key ?? undefined, userId: row.user_id },
  ...{ room: row.room ?? undefined, role: row.role ?? undefined },
  permissions: row.permissions === null ? undefined : (JSON.parse(row.permissions) as string[]),
  ...{ issuedAt: row.issued_at, expiresAt: row.expires_at, refreshedFrom: row.refreshed_from ?? undefined },
});
