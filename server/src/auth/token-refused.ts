import type { RefusalCode } from '@aqlinks/protocol';

export type TokenRefusal = Extract<RefusalCode, `token-${string}`>;

const SENTENCES: Record<TokenRefusal, string> = {
  'token-missing': 'There is no token. Add ?token=JWT to the address, or an Authorization: Bearer header.',
  'token-malformed': 'The token is not a signed JWT in compact form (RFC 7519).',
  'token-algorithm': 'The token is not signed with HS256, the only algorithm that is accepted.',
  'token-issuer': 'The `iss` of the token names no API key of this server, or one that was revoked.',
  'token-signature':
    'The signature of the token is wrong. Is it signed with the secret of the API key that `iss` names, or without `iss` with JWT_SECRET?',
  'token-expired': 'The token has expired. Ask for a new one.',
  'token-not-yet-valid': 'The token is not valid yet. Do the clocks of the machine that signed it and of this one agree?',
  'token-revoked': 'The token was revoked. Ask for a new one.',
  'token-claims': 'A claim of the token is missing or wrong.',
};

/** A token that opens nothing. The message never holds anything of the token but the names of claims. */
export class TokenRefused extends Error {
  readonly code: TokenRefusal;

  constructor(code: TokenRefusal, detail?: string) {
    super(detail ?? SENTENCES[code]);
    this.name = 'TokenRefused';
    this.code = code;
  }
}

export const OPENS_NO_ROOM = 'This is a token of an administrator: it opens no room.';
