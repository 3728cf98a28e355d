/** What an operation adds to its line in the audit log. Never a token or a secret. */
export interface Note {
  readonly project?: string | undefined; // where the credentials do not say
  readonly key?: string | undefined;
  readonly jti?: string | undefined;
  readonly user?: string | undefined;
  readonly room?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
}
