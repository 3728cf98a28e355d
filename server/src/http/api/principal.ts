/** On whose authority something is asked. */
export type Principal =
  /** An API key, or an admin token that one signed: the same may be done with both, in the project of the key. */
  | {
      readonly kind: 'key';
      readonly project: string;
      readonly key: string;
      readonly jti?: string | undefined;
      readonly user?: string | undefined;
    }
  /** An admin token signed with JWT_SECRET: whoever runs the server. Acts in any project. */
  | { readonly kind: 'operator'; readonly jti: string | undefined; readonly user: string | undefined }
  /** Nobody but the holder of the token in the body. */
  | { readonly kind: 'holder' };
