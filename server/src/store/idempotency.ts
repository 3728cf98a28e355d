import type { RepositoryOptions } from './projects.ts';

export const KEPT = 24 * 3_600_000; // ms that an answer is repeated

/** What became of an `Idempotency-Key`. */
export type Begun =
  | { readonly state: 'new' } // carry it out, and then `finish` or `forget`
  | { readonly state: 'other' } // the same key with another request
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly status: number; readonly answer: string };

export function createIdempotency({ database, now }: Omit<RepositoryOptions, 'changes'>) {
  return {
    /** Of several at once exactly one gets `new`. `stale`: milliseconds after which one that never finished may be tried again. */
    async begin(project: string, key: string, fingerprint: string, stale: number): Promise<Begun> {
      const began = await database
        .insertInto('idempotency')
        .values({ project, key, fingerprint, status: null, answer: null, created_at: now() })
        .onConflict(conflict =>
          conflict
            .columns(['project', 'key'])
            .doUpdateSet({ fingerprint, status: null, answer: null, created_at: now() })
            .where(each =>
              each.or([
                each('idempotency.created_at', '<=', now() - KEPT),
                each.and([each('idempotency.status', 'is', null), each('idempotency.created_at', '<=', now() - stale)]),
              ]),
            ),
        )
        .returning('key')
        .executeTakeFirst();
      if (began !== undefined) return { state: 'new' };
      const row = await database
        .selectFrom('idempotency')
        .selectAll()
        .where('project', '=', project)
        .where('key', '=', key)
        .executeTakeFirst();
      if (row === undefined) return { state: 'running' }; // forgotten in this moment: come again
      if (row.fingerprint !== fingerprint) return { state: 'other' };
      if (row.status === null) return { state: 'running' };
      return { state: 'done', status: row.status, answer: row.answer ?? '' };
    },

    async finish(
      project: string,
      key: string,
      { status, answer }: { readonly status: number; readonly answer: string },
    ): Promise<void> {
      await database
        .updateTable('idempotency')
        .set({ status, answer })
        .where('project', '=', project)
        .where('key', '=', key)
        .execute();
    },

    /** It failed in a way that may be tried again. */
    async forget(project: string, key: string): Promise<void> {
      await database.deleteFrom('idempotency').where('project', '=', project).where('key', '=', key).execute();
    },

    async prune(): Promise<void> {
      await database
        .deleteFrom('idempotency')
        .where('created_at', '<=', now() - KEPT)
        .execute();
    },
  };
}

export type Idempotency = ReturnType<typeof createIdempotency>;
