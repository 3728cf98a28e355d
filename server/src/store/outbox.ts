import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Kind } from './database.ts';
import type { DeliveryRow, WebhookRow } from './tables/records.ts';

/** The time of the database, ms since 1970: leases of servers whose clocks differ end at the same moment. */
export const databaseClock = (kind: Kind): RawBuilder<number> =>
  kind === 'postgres'
    ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;

export interface OutboxOptions {
  readonly database: Database;
  readonly clock: () => RawBuilder<number>;
  readonly now: () => number;
}

/** What is to be told to whoever of a project wants to hear it. */
export interface Outgoing {
  readonly id: string; // the `webhook-id`; the same twice is written once
  readonly project: string;
  readonly type: string;
  readonly lane: string;
  readonly room: string | undefined;
  readonly payload: string;
}

export interface DueLane {
  readonly id: string;
  readonly webhook: string;
  readonly failing: boolean;
}

/** Where a lane stands, and who may go on with it. */
export interface Lease {
  readonly lane: string;
  readonly by: string;
  readonly ms: number;
}

export interface Head {
  readonly delivery: DeliveryRow;
  readonly webhook: WebhookRow;
}

/** What came of an attempt. */
export interface Attempted {
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly wait: number; // ms until the next, where it waits
  readonly status: number | undefined;
  readonly error: string | undefined;
}

const COUNTER = 'deliveries';
const ROWS = 200; // of one statement

/**
 * The deliveries that wait, in lanes. Of one lane only the first is ever under way: a lane is leased, not a delivery, and what
 * its first one waits for, all of it wait for.
 */
export function createOutbox({ database, clock, now }: OutboxOptions) {
  return {
    /** In a transaction of its caller, with what they tell of. `limit`: deliveries that may wait for one endpoint; beyond, they are dropped and counted. */
    async add(transaction: Database, events: readonly Outgoing[], limit: number): Promise<{ added: number; dropped: number }> {
      const projects = [...new Set(events.map(({ project }) => project))];
      if (projects.length === 0) return { added: 0, dropped: 0 };
      const webhooks = await transaction
        .selectFrom('webhooks')
        .select(['id', 'project', 'events'])
        .where('project', 'in', projects)
        .where('active', '=', 1)
        .execute();
      if (webhooks.length === 0) return { added: 0, dropped: 0 };
      const waiting = await waitingOf(
        transaction,
        webhooks.map(({ id }) => id),
      );
      const rows: Omit<DeliveryRow, 'seq'>[] = [];
      const dropped = new Map<string, number>();
      const wanted = webhooks.map(({ id, project, events: names }) => ({ id, project, names: JSON.parse(names) as string[] }));
      for (const event of events) {
        for (const { id, project, names } of wanted) {
          if (project !== event.project || (names.length > 0 && !names.includes(event.type))) continue;
          const count = waiting.get(id) ?? 0;
          waiting.set(id, count + 1);
          if (count >= limit) dropped.set(id, (dropped.get(id) ?? 0) + 1);
          else rows.push(rowOf(event, id, deliveryId(event.id, id), now()));
        }
      }
      for (const [id, count] of dropped) await addDropped(transaction, id, count);
      return { added: await insert(transaction, rows), dropped: [...dropped.values()].reduce((sum, count) => sum + count, 0) };
    },

    /** Behind all that waits in its lane. */
    replay(row: DeliveryRow, id: string): Promise<DeliveryRow | undefined> {
      const { event, webhook, lane, type, room, payload } = row;
      const fresh = { ...fromStart(now()), id, event, webhook, lane, type, room, payload };
      return database.transaction().execute(async transaction => {
        await insert(transaction, [fresh]);
        return transaction.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
      });
    },

    /** One that was sent already, for the list. */
    async note(row: Omit<DeliveryRow, 'seq'>): Promise<void> {
      await database.transaction().execute(async transaction => {
        const seq = await reserve(transaction, 1);
        await transaction
          .insertInto('deliveries')
          .values({ ...row, seq })
          .execute();
      });
    },

    /** Lanes whose first delivery may be tried now: at most `each` of an endpoint, the longest waiting first. */
    async due(each: number, full: readonly string[], limit: number): Promise<DueLane[]> {
      let lanes = database
        .selectFrom('lanes')
        .innerJoin('webhooks', 'webhooks.id', 'lanes.webhook')
        .where('webhooks.active', '=', 1)
        .where('lanes.waiting', '>', 0)
        .where('lanes.next_at', '<=', clock())
        .where('lanes.leased_until', '<=', clock());
      if (full.length > 0) lanes = lanes.where('lanes.webhook', 'not in', full);
      const ranked = lanes
        .select(['lanes.id', 'lanes.webhook', 'webhooks.failing_since'])
        .select(sql<number>`row_number() over (partition by lanes.webhook order by lanes.next_at, lanes.id)`.as('place'))
        .as('ranked');
      const rows = await database
        .selectFrom(ranked)
        .selectAll()
        .where('place', '<=', each)
        .orderBy('place')
        .limit(limit)
        .execute();
      return rows.map(({ id, webhook, failing_since }) => ({ id, webhook, failing: failing_since !== null }));
    },

    /** Whether it is ours now. */
    async lease({ lane, by, ms }: Lease): Promise<boolean> {
      const row = await database
        .updateTable('lanes')
        .set({ leased_by: by, leased_until: sql<number>`${clock()} + ${ms}` })
        .where('id', '=', lane)
        .where('waiting', '>', 0)
        .where('next_at', '<=', clock())
        .where('leased_until', '<=', clock())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** The first of a lane, the lease begun anew. Undefined: nothing waits, it is switched off, or the lease is lost. */
    async head({ lane, by, ms }: Lease): Promise<Head | undefined> {
      const renewed = await database
        .updateTable('lanes')
        .set({ leased_until: sql<number>`${clock()} + ${ms}` })
        .where('id', '=', lane)
        .where('leased_by', '=', by)
        .where('leased_until', '>', clock())
        .returning('webhook')
        .executeTakeFirst();
      if (renewed === undefined) return undefined;
      const webhook = await database
        .selectFrom('webhooks')
        .selectAll()
        .where('id', '=', renewed.webhook)
        .where('active', '=', 1)
        .executeTakeFirst();
      const delivery = await database
        .selectFrom('deliveries')
        .selectAll()
        .where('lane', '=', lane)
        .where('state', '=', 'waiting')
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst();
      return webhook && delivery && { webhook, delivery };
    },

    /** Writes down what came of an attempt. Where the next must wait, the lease is over. */
    async settle({ id, lane }: DeliveryRow, { by }: Lease, { state, wait, status, error }: Attempted): Promise<void> {
      const finished = state !== 'waiting';
      await database.transaction().execute(async transaction => {
        const changed = await transaction
          .updateTable('deliveries')
          .set(each => ({
            ...{ state, status: status ?? null, error: error ?? null },
            attempts: each('attempts', '+', 1),
            next_at: finished ? null : now() + wait,
            finished_at: finished ? now() : null,
          }))
          .where('id', '=', id)
          .where('state', '=', 'waiting')
          .returning('id')
          .executeTakeFirst();
        if (finished && changed !== undefined) {
          await transaction
            .updateTable('lanes')
            .set(each => ({ waiting: each('waiting', '-', 1) }))
            .where('id', '=', lane)
            .execute();
          await transaction.deleteFrom('lanes').where('id', '=', lane).where('waiting', '<=', 0).execute();
        }
        if (!finished) {
          await transaction
            .updateTable('lanes')
            .set({ next_at: sql<number>`${clock()} + ${wait}`, leased_by: null, leased_until: 0 })
            .where('id', '=', lane)
            .where('leased_by', '=', by)
            .execute();
        }
      });
    },

    async release({ lane, by }: Lease): Promise<void> {
      await database
        .updateTable('lanes')
        .set({ leased_by: null, leased_until: 0 })
        .where('id', '=', lane)
        .where('leased_by', '=', by)
        .execute();
    },

    /** All that a dead server had. */
    async releaseAll(transaction: Database, by: string): Promise<void> {
      await transaction.updateTable('lanes').set({ leased_by: null, leased_until: 0 }).where('leased_by', '=', by).execute();
    },

    /** In how many ms a lane is due; undefined: none waits. */
    async nextDue(): Promise<number | undefined> {
      const row = await database
        .selectFrom('lanes')
        .innerJoin('webhooks', 'webhooks.id', 'lanes.webhook')
        .where('webhooks.active', '=', 1)
        .where('lanes.waiting', '>', 0)
        .select(
          sql<number | null>`min(case when next_at > leased_until then next_at else leased_until end) - ${clock()}`.as('ms'),
        )
        .executeTakeFirst();
      return row?.ms === null || row === undefined ? undefined : Math.max(0, Number(row.ms));
    },

    /** How many deliveries wait, in all. */
    async waiting(): Promise<number> {
      const row = await database
        .selectFrom('lanes')
        .select(each => each.fn.sum<number | null>('waiting').as('sum'))
        .executeTakeFirst();
      return Number(row?.sum ?? 0);
    },

    find(webhook: string, id: string): Promise<DeliveryRow | undefined> {
      return database.selectFrom('deliveries').selectAll().where('id', '=', id).where('webhook', '=', webhook).executeTakeFirst();
    },

    /** The newest first. */
    list(webhook: string, state: string | undefined, before: number | undefined, limit: number): Promise<DeliveryRow[]> {
      let query = database.selectFrom('deliveries').selectAll().where('webhook', '=', webhook);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before !== undefined) query = query.where('seq', '<', before);
      return query.orderBy('seq', 'desc').limit(limit).execute();
    },

    /** What was finished before then, and what waited since for an endpoint that is switched off. */
    async forget(before: number): Promise<void> {
      await database.deleteFrom('deliveries').where('finished_at', '<', before).execute();
      await database.transaction().execute(async transaction => {
        const off = transaction.selectFrom('webhooks').select('id').where('active', '=', 0);
        const gone = await transaction
          .deleteFrom('deliveries')
          .where('state', '=', 'waiting')
          .where('created_at', '<', before)
          .where('webhook', 'in', off)
          .returning('lane')
          .execute();
        const counts = countBy(gone.map(({ lane }) => lane));
        for (const [lane, count] of counts) {
          await transaction
            .updateTable('lanes')
            .set(each => ({ waiting: each('waiting', '-', count) }))
            .where('id', '=', lane)
            .execute();
          await transaction.deleteFrom('lanes').where('id', '=', lane).where('waiting', '<=', 0).execute();
        }
      });
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;

/** The same for the same event and endpoint: what is written again after a crash is known by it. */
const deliveryId = (event: string, webhook: string) =>
  `dlv_${createHash('sha256').update(`${event} ${webhook}`).digest('hex').slice(0, 32)}`;

const fromStart = (at: number) => ({
  ...{ state: 'waiting', attempts: 0, next_at: at, status: null, error: null, created_at: at, finished_at: null },
});

const rowOf = ({ id: event, type, lane, room, payload }: Outgoing, webhook: string, id: string, at: number) => ({
  ...fromStart(at),
  ...{ id, event, webhook, type, payload, lane: `${webhook}/${lane}`, room: room ?? null },
});

async function waitingOf(transaction: Database, webhooks: readonly string[]): Promise<Map<string, number>> {
  const rows = await transaction
    .selectFrom('lanes')
    .select(['webhook', each => each.fn.sum<number>('waiting').as('sum')])
    .where('webhook', 'in', webhooks)
    .groupBy('webhook')
    .execute();
  return new Map(rows.map(({ webhook, sum }) => [webhook, Number(sum)]));
}

async function addDropped(transaction: Database, webhook: string, count: number): Promise<void> {
  await transaction
    .updateTable('webhooks')
    .set(each => ({ dropped: each('dropped', '+', count) }))
    .where('id', '=', webhook)
    .execute();
}

/** Answers how many were not there yet. */
async function insert(transaction: Database, rows: readonly Omit<DeliveryRow, 'seq'>[]): Promise<number> {
  if (rows.length === 0) return 0;
  const first = await reserve(transaction, rows.length);
  const added: string[] = [];
  for (let from = 0; from < rows.length; from += ROWS) {
    const part = rows.slice(from, from + ROWS).map((row, n) => ({ ...row, seq: first + from + n }));
    const fresh = await transaction
      .insertInto('deliveries')
      .values(part)
      .onConflict(conflict => conflict.column('id').doNothing())
      .returning('lane')
      .execute();
    added.push(...fresh.map(({ lane }) => lane));
  }
  const lanes = [...countBy(added)].sort(([a], [b]) => (a < b ? -1 : 1)); // one order for all: no two servers wait for each other
  for (const [id, waiting] of lanes) {
    const lane = { id, webhook: id.slice(0, id.indexOf('/')), waiting, next_at: 0, leased_by: null, leased_until: 0 };
    await transaction
      .insertInto('lanes')
      .values(lane)
      .onConflict(conflict => conflict.column('id').doUpdateSet(each => ({ waiting: each('lanes.waiting', '+', waiting) })))
      .execute();
  }
  return added.length;
}

/** So many numbers in a row; the first is answered. Until the transaction ends nobody else gets one, so that they are committed in order. */
async function reserve(transaction: Database, count: number): Promise<number> {
  const { value } = await transaction
    .insertInto('counters')
    .values({ name: COUNTER, value: count })
    .onConflict(conflict => conflict.column('name').doUpdateSet(each => ({ value: each('counters.value', '+', count) })))
    .returning('value')
    .executeTakeFirstOrThrow();
  return value - count + 1;
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
