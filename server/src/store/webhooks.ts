import type { Database } from './database.ts';
import { StoreConflict } from './errors.ts';
import type { Seal } from './seal.ts';
import type { WebhookRow } from './tables/records.ts';

export interface WebhooksOptions {
  readonly database: Database;
  readonly seal: Seal | undefined; // absent: there is no master key, and no secret can be stored
  readonly now: () => number;
}

const placeOf = (id: string) => `webhook:${id}`;

/** Who is told of what happens, and why somebody is told no more. */
export function createStoredWebhooks({ database, seal, now }: WebhooksOptions) {
  const sealer = () => {
    if (seal === undefined) throw new StoreConflict('Webhooks cannot be stored without a MASTER_KEY. Set one and start again.');
    return seal;
  };
  const update = (project: string, id: string, set: Partial<WebhookRow>) =>
    database
      .updateTable('webhooks')
      .set({ ...set, updated_at: now() })
      .where('id', '=', id)
      .where('project', '=', project)
      .returningAll()
      .executeTakeFirst();

  return {
    async create(row: Omit<WebhookRow, 'secret'>, secret: string): Promise<void> {
      await database
        .insertInto('webhooks')
        .values({ ...row, secret: sealer().close(placeOf(row.id), secret) })
        .execute();
    },

    list(project: string, after: string | undefined, limit: number): Promise<WebhookRow[]> {
      let query = database.selectFrom('webhooks').selectAll().where('project', '=', project);
      if (after !== undefined) query = query.where('id', '>', after);
      return query.orderBy('id').limit(limit).execute();
    },

    async count(project: string): Promise<number> {
      const row = await database
        .selectFrom('webhooks')
        .select(each => each.fn.countAll<number>().as('count'))
        .where('project', '=', project)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    find(project: string, id: string): Promise<WebhookRow | undefined> {
      return database.selectFrom('webhooks').selectAll().where('id', '=', id).where('project', '=', project).executeTakeFirst();
    },

    update,

    /** The secret before is also signed with until `until`. */
    rotate(project: string, id: string, secret: string, until: number): Promise<WebhookRow | undefined> {
      const sealed = sealer().close(placeOf(id), secret);
      return database.transaction().execute(async transaction => {
        const before = await transaction
          .updateTable('webhooks') // takes the row's lock before it is read
          .set({ updated_at: now() })
          .where('id', '=', id)
          .where('project', '=', project)
          .returning('secret')
          .executeTakeFirst();
        if (before === undefined) return undefined;
        return transaction
          .updateTable('webhooks')
          .set({ secret: sealed, previous_secret: before.secret, previous_until: until })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
      });
    },

    /** With its deliveries. */
    remove(project: string, id: string): Promise<boolean> {
      return database.transaction().execute(async transaction => {
        const removed = await transaction
          .deleteFrom('webhooks')
          .where('id', '=', id)
          .where('project', '=', project)
          .returning('id')
          .executeTakeFirst();
        if (removed === undefined) return false;
        await transaction.deleteFrom('lanes').where('webhook', '=', id).execute();
        await transaction.deleteFrom('deliveries').where('webhook', '=', id).execute();
        return true;
      });
    },

    /** Those that are valid now, the newest first. Throws `SealBroken`. */
    secretsOf({ id, secret, previous_secret, previous_until }: WebhookRow): readonly string[] {
      const overlaps = previous_secret !== null && previous_until !== null && previous_until > now();
      return [secret, ...(overlaps ? [previous_secret] : [])].map(sealed => sealer().open(placeOf(id), sealed));
    },

    /** Since when nothing arrives there. */
    async failing(id: string): Promise<void> {
      await database
        .updateTable('webhooks')
        .set({ failing_since: now() })
        .where('id', '=', id)
        .where('failing_since', 'is', null)
        .execute();
    },

    /** It answers again. `all`: what waits for it need not wait for its next turn. */
    async recovered(id: string, all: boolean): Promise<void> {
      await database.updateTable('webhooks').set({ failing_since: null }).where('id', '=', id).execute();
      if (all) await database.updateTable('lanes').set({ next_at: 0 }).where('webhook', '=', id).execute();
    },

    /** Answers whether this call did it. */
    async disable(id: string, reason: string): Promise<boolean> {
      const row = await database
        .updateTable('webhooks')
        .set({ active: 0, disabled_reason: reason, updated_at: now() })
        .where('id', '=', id)
        .where('active', '=', 1)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export type StoredWebhooks = ReturnType<typeof createStoredWebhooks>;
