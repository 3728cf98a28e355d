/** All in ms. */
export interface ExpirySettings {
  readonly notice: number; // before a token expires, that its holder is told
  readonly grace: number; // after it expired, until its holder is removed
}

/** How far a token of somebody in a room is on its way. */
export type Expiry = { readonly type: 'never' } | { readonly type: 'valid' | 'told'; readonly expiresAt: number }; // ms since 1970

export function expiryOf(expiresAt: number | undefined): Expiry {
  return expiresAt === undefined ? { type: 'never' } : { type: 'valid', expiresAt };
}

/** What is due now: to tell the holder, once, and to remove them. */
export function due(now: number, expiry: Expiry, { notice, grace }: ExpirySettings): 'nothing' | 'notice' | 'removal' {
  if (expiry.type === 'never') return 'nothing';
  if (now >= expiry.expiresAt + grace) return 'removal';
  return expiry.type === 'valid' && now >= expiry.expiresAt - notice ? 'notice' : 'nothing';
}
