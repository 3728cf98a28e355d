/** The audit log as the rest of the server sees it: who was let in and who was not, and what was done with whose authority. */
export interface Audit {
  /** Never throws and never waits: it is on the path of a join. Nothing of a token or a secret may be passed. */
  record(entry: AuditEntry): void;
  /** Resolves when all that was recorded until now is in the database, or in the journal while that is away. */
  flushed(): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditPage>;
  /** Reads the whole chain. A second call while one runs gets the same answer. */
  verify(): Promise<AuditVerdict>;
  /** The chain as JSON lines with their line ends, oldest first; `verifyExport` checks them without the server. */
  export(range?: AuditRange): AsyncIterable<string>;
}

export type AuditSubject = 'token' | 'key' | 'project' | 'room' | 'participant' | 'role' | 'webhook' | 'audit' | 'admin';
export type AuditAction = `${AuditSubject}.${string}`; // `token.validated`, `key.rotated`

/** What happened. Texts that are too long are cut, `details` that are too large are left out. */
export interface AuditEntry {
  readonly at?: number; // ms since 1970; default: now
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly reason?: string | undefined; // a code, where it was refused or has one
  readonly project: string;
  readonly key?: string | undefined; // id of the API key that signed or acted
  readonly jti?: string | undefined;
  readonly user?: string | undefined;
  readonly room?: string | undefined;
  readonly address?: string | undefined; // of the client
  readonly userAgent?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined; // JSON, up to 2 kB
}

export type AuditOutcome = 'accepted' | 'refused';

/** An entry as it is kept: it cannot be changed without its hash and all that follow. */
export interface AuditRecord extends AuditEntry {
  readonly seq: number; // from 1, without a gap
  readonly id: string; // random
  readonly at: number;
  readonly hash: string; // SHA-256 in hex
}

export interface AuditQuery {
  readonly project?: string; // default: all
  readonly action?: string; // `token.validated`, or `token.` for all of them
  readonly outcome?: AuditOutcome;
  readonly user?: string;
  readonly room?: string;
  readonly key?: string;
  readonly jti?: string;
  readonly from?: number; // ms since 1970, included
  readonly to?: number; // not included
  readonly before?: number; // seq: the cursor
  readonly limit: number;
}

export interface AuditPage {
  readonly items: readonly AuditRecord[];
  readonly next: number | undefined; // `before` of the next page; undefined: it was the last
}

export interface AuditRange {
  /** Entries of other projects appear by their hash only: the chain can be verified, and tells nothing of them. */
  readonly project?: string;
  readonly from?: number; // ms since 1970
  readonly to?: number;
}

export interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}

export type AuditVerdict =
  | {
      readonly intact: true;
      readonly entries: number;
      readonly anchor: ChainLink; // the last entry that the retention removed; seq 0: none was
      readonly head: ChainLink; // of the last entry: kept elsewhere, it proves later that nothing before it was changed
      readonly sealed: boolean; // whether the two were also checked with the master key
    }
  | { readonly intact: false; readonly entries: number; readonly problem: ChainProblem };

export interface ChainProblem {
  readonly seq: number; // of the first entry that is wrong or not there
  readonly kind: 'changed' | 'missing' | 'inserted' | 'truncated' | 'seal' | 'malformed';
  readonly text: string; // for people
}
