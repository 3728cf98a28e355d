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
import type {
  AuditChainRow,
  AuditRow,
  DeliveryRow,
  LaneRow,
  RoomSessionRow,
  ServerRow,
  StayRow,
  WebhookRow,
} from './tables/records.ts';

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
  readonly audit_entries: AuditRow;
  readonly audit_chain: AuditChainRow;
  readonly webhooks: WebhookRow;
  readonly lanes: LaneRow;
  readonly deliveries: DeliveryRow;
  readonly room_sessions: RoomSessionRow;
  readonly stays: StayRow;
  readonly servers: ServerRow;
}

/** In the order in which `aqlinks migrate` carries them. */
export const TABLES = [
  ...['projects', 'api_keys', 'roles', 'rooms', 'bans', 'revocations', 'tokens', 'idempotency', 'changes', 'counters', 'meta'],
  ...['audit_entries', 'audit_chain', 'webhooks', 'lanes', 'deliveries', 'room_sessions', 'stays', 'servers'],
] as const satisfies readonly (keyof Schema)[];

type Missing = Exclude<keyof Schema, (typeof TABLES)[number]>;
/** Fails to compile where a table of the schema is not in the list. */
export const TABLES_ARE_COMPLETE: [Missing] extends [never] ? true : Missing = true;
