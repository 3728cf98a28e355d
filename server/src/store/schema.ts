import type {
  BanRow,
  ChangeRow,
  CounterRow,
  IdempotencyRow,
  KeyRow,
  MetaRow,
  ProjectRow,
  RevocationRow,
  RoleRow,
  RoomRow,
  TokenRow,
} from './tables/platform.ts';

/** Every table. A new one brings its row in `tables/`, its migration in `migrations/`, and its line here. */
export interface Schema {
  readonly projects: ProjectRow;
  readonly api_keys: KeyRow;
  readonly roles: RoleRow;
  readonly rooms: RoomRow;
  readonly bans: BanRow;
  readonly revocations: RevocationRow;
  readonly tokens: TokenRow;
  readonly idempotency: IdempotencyRow;
  readonly changes: ChangeRow;
  readonly counters: CounterRow;
  readonly meta: MetaRow;
}

/** In the order in which `aqlinks migrate` carries them. */
export const TABLES = [
  ...['projects', 'api_keys', 'roles', 'rooms', 'bans', 'revocations', 'tokens', 'idempotency', 'changes', 'counters', 'meta'],
] as const satisfies readonly (keyof Schema)[];

type Missing = Exclude<keyof Schema, (typeof TABLES)[number]>;
/** Fails to compile where a table of the schema is not in the list. */
export const TABLES_ARE_COMPLETE: [Missing] extends [never] ? true : Missing = true;
