import type { Kysely } from 'kysely';
import type { Columns } from '../database.ts';

/** Projects, keys, roles, rooms, bans, revocations, tokens, and the feed of changes. */
export async function platform({ schema }: Kysely<unknown>, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('projects')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('name', text, column => column.notNull())
    .addColumn('created_at', integer, column => column.notNull())
    .execute();
  await schema
    .createTable('api_keys')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('project', text, column => column.notNull())
    .addColumn('name', text, column => column.notNull())
    .addColumn('secrets', text, column => column.notNull())
    .addColumn('created_at', integer, column => column.notNull())
    .addColumn('rotated_at', integer)
    .addColumn('revoked_at', integer)
    .execute();
  await schema.createIndex('api_keys_by_project').on('api_keys').columns(['project', 'created_at', 'id']).execute();
  await schema
    .createTable('roles')
    .addColumn('project', text, column => column.notNull())
    .addColumn('role', text, column => column.notNull())
    .addColumn('rights', text, column => column.notNull())
    .addPrimaryKeyConstraint('roles_key', ['project', 'role'])
    .execute();
  await schema
    .createTable('rooms')
    .addColumn('project', text, column => column.notNull())
    .addColumn('name', text, column => column.notNull())
    .addColumn('settings', text, column => column.notNull())
    .addColumn('created_at', integer, column => column.notNull())
    .addColumn('updated_at', integer, column => column.notNull())
    .addPrimaryKeyConstraint('rooms_key', ['project', 'name'])
    .execute();
  await schema
    .createTable('bans')
    .addColumn('project', text, column => column.notNull())
    .addColumn('room', text, column => column.notNull())
    .addColumn('user_id', text, column => column.notNull())
    .addColumn('reason', text, column => column.notNull())
    .addColumn('created_at', integer, column => column.notNull())
    .addColumn('expires_at', integer)
    .addPrimaryKeyConstraint('bans_key', ['project', 'room', 'user_id'])
    .execute();
  await tokens(schema, { text, integer });
  await feed(schema, { text, integer });
}

type Builder = Kysely<unknown>['schema'];

async function tokens(schema: Builder, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('revocations')
    .addColumn('id', text, column => column.primaryKey())
    .addColumn('project', text, column => column.notNull())
    .addColumn('jti', text)
    .addColumn('user_id', text)
    .addColumn('room', text)
    .addColumn('issued_before', integer)
    .addColumn('expires_at', integer)
    .addColumn('reason', text, column => column.notNull())
    .addColumn('created_at', integer, column => column.notNull())
    .execute();
  await schema
    .createTable('tokens')
    .addColumn('jti', text, column => column.primaryKey())
    .addColumn('project', text, column => column.notNull())
    .addColumn('key', text)
    .addColumn('user_id', text, column => column.notNull())
    .addColumn('room', text)
    .addColumn('role', text)
    .addColumn('permissions', text)
    .addColumn('issued_at', integer, column => column.notNull())
    .addColumn('expires_at', integer, column => column.notNull())
    .addColumn('refreshed_from', text)
    .execute();
  await schema.createIndex('tokens_by_user').on('tokens').columns(['project', 'user_id', 'issued_at']).execute();
  await schema.createIndex('tokens_by_expiry').on('tokens').column('expires_at').execute();
  await schema
    .createTable('idempotency')
    .addColumn('project', text, column => column.notNull())
    .addColumn('key', text, column => column.notNull())
    .addColumn('fingerprint', text, column => column.notNull())
    .addColumn('status', integer)
    .addColumn('answer', text)
    .addColumn('created_at', integer, column => column.notNull())
    .addPrimaryKeyConstraint('idempotency_key', ['project', 'key'])
    .execute();
  await schema.createIndex('idempotency_by_age').on('idempotency').column('created_at').execute();
}

async function feed(schema: Builder, { text, integer }: Columns): Promise<void> {
  await schema
    .createTable('changes')
    .addColumn('sequence', integer, column => column.primaryKey())
    .addColumn('kind', text, column => column.notNull())
    .addColumn('project', text, column => column.notNull())
    .addColumn('subject', text, column => column.notNull())
    .addColumn('at', integer, column => column.notNull())
    .execute();
  await schema
    .createTable('counters')
    .addColumn('name', text, column => column.primaryKey())
    .addColumn('value', integer, column => column.notNull())
    .execute();
  await schema
    .createTable('meta')
    .addColumn('name', text, column => column.primaryKey())
    .addColumn('value', text, column => column.notNull())
    .execute();
}
