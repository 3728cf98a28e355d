/** Rows of the tables of projects, keys, rooms and tokens: texts, integers and null, nothing else. */

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: number; // ms since 1970, as every `_at` and `_until`
}

export interface KeyRow {
  readonly id: string; // the `iss` of tokens: unique among all projects
  readonly project: string;
  readonly name: string;
  readonly secrets: string; // JSON of `SealedSecret[]`, the newest first
  readonly created_at: number;
  readonly rotated_at: number | null;
  readonly revoked_at: number | null;
}

export interface RoleRow {
  readonly project: string;
  readonly role: string;
  readonly rights: string; // JSON of the names
}

export interface RoomRow {
  readonly project: string;
  readonly name: string;
  readonly settings: string; // JSON
  readonly created_at: number;
  readonly updated_at: number;
}

export interface BanRow {
  readonly project: string;
  readonly room: string;
  readonly user_id: string;
  readonly reason: string;
  readonly created_at: number;
  readonly expires_at: number | null; // null: until it is lifted
}

export interface RevocationRow {
  readonly id: string;
  readonly project: string;
  readonly jti: string | null; // null: any, as for the next two
  readonly user_id: string | null;
  readonly room: string | null;
  readonly issued_before: number | null; // null: whenever they were issued
  readonly expires_at: number | null; // null: for ever
  readonly reason: string;
  readonly created_at: number;
}

export interface TokenRow {
  readonly jti: string;
  readonly project: string;
  readonly key: string | null; // null: by an admin
  readonly user_id: string;
  readonly room: string | null; // null: any
  readonly role: string | null;
  readonly permissions: string | null; // JSON
  readonly issued_at: number;
  readonly expires_at: number;
  readonly refreshed_from: string | null; // the `jti` before it
}

export interface IdempotencyRow {
  readonly project: string;
  readonly key: string;
  readonly fingerprint: string; // of the request: the same key with another request is refused
  readonly status: number | null; // null: still being answered
  readonly answer: string | null;
  readonly created_at: number;
}

export interface ChangeRow {
  readonly sequence: number; // without gaps, in the order of the commits
  readonly kind: string;
  readonly project: string;
  readonly subject: string;
  readonly at: number;
}

export interface CounterRow {
  readonly name: string;
  readonly value: number;
}

export interface MetaRow {
  readonly name: string;
  readonly value: string;
}
