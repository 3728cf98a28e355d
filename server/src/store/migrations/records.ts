import type { Kysely } from 'kysely';
import type { Columns } from '../database.ts';

type Builder = Kysely<unknown>['schema'];

/** The audit log, the webhooks with their outbox, and the rooms' past. */
export async function records(database: Kysely<unknown>, columns: Columns): Promise<void> {
  await audit(database.schema, columns);
  await webhooks(database.schema, columns);
  await outbox(database.schema, columns);
  await history(database.schema, columns);
}

async function audit(schema: Builder, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('audit_entries')
    .addColumn('seq', integer, column => column.primaryKey())
    .addColumn('id', text, column => column.notNull().unique())
    .addColumn('at', integer, column => column.notNull())
    .addColumn('action', text, column => column.notNull())
    .addColumn('outcome', text, column => column.notNull())
    .addColumn('reason', text)
    .addColumn('project', text, column => column.notNull())
    .addColumn('key', text)
    .addColumn('jti', text)
    .addColumn('user_id', text)
    .addColumn('room', text)
    .addColumn('address', text)
    .addColumn('user_agent', text)
    .addColumn('details', text)
    .addColumn('hash', text, column => column.notNull())
    .execute();
  await schema.createIndex('audit_entries_by_project').on('audit_entries').columns(['project', 'seq']).execute();
  await schema.createIndex('audit_entries_by_age').on('audit_entries').columns(['at']).execute();
  await schema
    .createTable('audit_chain')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('anchor_seq', integer, column => column.notNull())
    .addColumn('anchor_hash', text, column => column.notNull())
    .addColumn('head_seq', integer, column => column.notNull())
    .addColumn('head_hash', text, column => column.notNull())
    .addColumn('seal', text)
    .execute();
}

async function webhooks(schema: Builder, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('webhooks')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('project', text, column => column.notNull())
    .addColumn('url', text, column => column.notNull())
    .addColumn('events', text, column => column.notNull())
    .addColumn('description', text, column => column.notNull())
    .addColumn('active', integer, column => column.notNull())
    .addColumn('secret', text, column => column.notNull())
    .addColumn('previous_secret', text)
    .addColumn('previous_until', integer)
    .addColumn('failing_since', integer)
    .addColumn('disabled_reason', text)
    .addColumn('dropped', integer, column => column.notNull())
    .addColumn('created_at', integer, column => column.notNull())
    .addColumn('updated_at', integer, column => column.notNull())
    .execute();
  await schema.createIndex('webhooks_by_project').on('webhooks').columns(['project', 'id']).execute();
}

async function outbox(schema: Builder, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('lanes')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('webhook', text, column => column.notNull())
    .addColumn('waiting', integer, column => column.notNull())
    .addColumn('next_at', integer, column => column.notNull())
    .addColumn('leased_by', text)
    .addColumn('leased_until', integer, column => column.notNull())
    .execute();
  await schema.createIndex('lanes_by_webhook').on('lanes').column('webhook').execute();
  await schema
    .createTable('deliveries')
    .addColumn('seq', integer, column => column.primaryKey())
    .addColumn('id', text, column => column.notNull().unique())
    .addColumn('event', text, column => column.notNull())
    .addColumn('webhook', text, column => column.notNull())
    .addColumn('lane', text, column => column.notNull())
    .addColumn('type', text, column => column.notNull())
    .addColumn('room', text)
    .addColumn('payload', text, column => column.notNull())
    .addColumn('state', text, column => column.notNull())
    .addColumn('attempts', integer, column => column.notNull())
    .addColumn('next_at', integer)
    .addColumn('status', integer)
    .addColumn('error', text)
    .addColumn('created_at', integer, column => column.notNull())
    .addColumn('finished_at', integer)
    .execute();
  await schema.createIndex('deliveries_by_lane').on('deliveries').columns(['lane', 'state', 'seq']).execute();
  await schema.createIndex('deliveries_by_webhook').on('deliveries').columns(['webhook', 'seq']).execute();
  await schema.createIndex('deliveries_by_age').on('deliveries').column('finished_at').execute();
}

async function history(schema: Builder, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('room_sessions')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('project', text, column => column.notNull())
    .addColumn('room', text, column => column.notNull())
    .addColumn('server', text, column => column.notNull())
    .addColumn('started_at', integer, column => column.notNull())
    .addColumn('ended_at', integer)
    .addColumn('participants', integer, column => column.notNull())
    .addColumn('present', integer, column => column.notNull())
    .addColumn('peak', integer, column => column.notNull())
    .execute();
  await schema.createIndex('room_sessions_by_start').on('room_sessions').columns(['project', 'started_at', 'id']).execute();
  await schema.createIndex('room_sessions_by_server').on('room_sessions').columns(['server', 'ended_at']).execute();
  await schema.createIndex('room_sessions_by_age').on('room_sessions').column('ended_at').execute();
  await schema
    .createTable('stays')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('session', text, column => column.notNull())
    .addColumn('participant', text, column => column.notNull())
    .addColumn('project', text, column => column.notNull())
    .addColumn('room', text, column => column.notNull())
    .addColumn('user_id', text, column => column.notNull())
    .addColumn('name', text, column => column.notNull())
    .addColumn('role', text, column => column.notNull())
    .addColumn('joined_at', integer, column => column.notNull())
    .addColumn('left_at', integer)
    .addColumn('reason', text)
    .execute();
  await schema.createIndex('stays_by_session').on('stays').columns(['session', 'joined_at', 'id']).execute();
  await schema.createIndex('stays_by_user').on('stays').columns(['project', 'user_id', 'joined_at', 'id']).execute();
  await schema
    .createTable('servers')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('beat', integer, column => column.notNull())
    .addColumn('seen_at', integer, column => column.notNull())
    .execute();
}
