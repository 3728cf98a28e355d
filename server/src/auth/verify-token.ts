import { Claims } from '@aqlinks/protocol';
import { type CompactVerifyResult, compactVerify, decodeProtectedHeader, errors, type ProtectedHeaderParameters } from 'jose';
import type * as z from 'zod';
import { TokenRefused } from './token-refused.ts';

/** Characters of a token; it also has to fit in the request's head, which the listener bounds. */
export const MAX_TOKEN_LENGTH = 8_192;

export interface VerifyOptions {
  readonly secret: Uint8Array;
  readonly clockTolerance: number; // ms
  readonly now: () => number; // ms since 1970
}

/** The claims of a token whose signature, times and shapes are right. Rejects with `TokenRefused`, each cause with its own code. */
export async function verifyToken(token: string, options: VerifyOptions): Promise<Claims> {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new TokenRefused('token-malformed', `The token is longer than ${MAX_TOKEN_LENGTH} characters.`);
  }
  checkHeader(token);
  const { payload } = await verifySignature(token, options.secret);
  const claims = readClaims(payload);
  checkTimes(claims, options);
  return claims;
}

/** Before the signature, so that `none`, HS512 or a public key passed off as our secret are told apart from a wrong secret. */
function checkHeader(token: string): void {
  if (token.split('.').length !== 3) throw new TokenRefused('token-malformed');
  let header: ProtectedHeaderParameters;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw new TokenRefused('token-malformed');
  }
  if (header.alg !== 'HS256') throw new TokenRefused('token-algorithm');
  // RFC 7515 4.1.11: extensions that we do not know, and we know none, must not be ignored.
  if (header.crit !== undefined || 'b64' in header) {
    throw new TokenRefused(
      'token-malformed',
      'The header of the token has critical extensions (`crit` or `b64`); none is accepted.',
    );
  }
  if (header.typ !== undefined && !isJwtType(header.typ)) {
    throw new TokenRefused('token-malformed', 'The `typ` of the token is not JWT: it was made for something else.');
  }
}

const isJwtType = (typ: unknown) => typeof typ === 'string' && /^(application\/)?jwt$/i.test(typ); // RFC 7519 5.1

async function verifySignature(token: string, secret: Uint8Array): Promise<CompactVerifyResult> {
  try {
    return await compactVerify(token, secret, { algorithms: ['HS256'] });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) throw new TokenRefused('token-signature');
    if (error instanceof errors.JOSEAlgNotAllowed) throw new TokenRefused('token-algorithm');
    throw new TokenRefused('token-malformed');
  }
}

function readClaims(payload: Uint8Array): Claims {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)); // of duplicated claims the last wins (RFC 7519 4)
  } catch {
    throw new TokenRefused('token-malformed', 'The payload of the token is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TokenRefused('token-malformed', 'The payload of the token is not a JSON object.');
  }
  const parsed = Claims.safeParse(withoutEmpty(value));
  if (!parsed.success) throw new TokenRefused('token-claims', claimProblem(parsed.error.issues[0]));
  return parsed.data;
}

const OPTIONAL_TEXTS: ReadonlySet<string> = new Set([
  'name',
  'email',
  'room',
  'user_type',
  'permissions',
  'iss',
  'jti',
] satisfies (keyof Claims)[]);

/** Backends sign `null` or an empty text for what a user does not have: it is left out (SPEC P2). */
function withoutEmpty(claims: object): object {
  const isLeftOut = ([name, value]: [string, unknown]) => OPTIONAL_TEXTS.has(name) && (value === null || value === '');
  return Object.fromEntries(Object.entries(claims).filter(claim => !isLeftOut(claim)));
}

function claimProblem(issue: z.core.$ZodIssue | undefined): string {
  const claim = String(issue?.path[0] ?? 'user_id');
  const what = {
    invalid_type: 'is missing or of the wrong type',
    too_small: 'is empty',
    too_big: 'is too long',
    invalid_format: 'has control characters in it',
  }[String(issue?.code)];
  return `The claim ${claim} of the token ${what ?? 'is wrong'}.`;
}

/** `exp` is the first second at which it is no longer valid, `nbf` the first at which it is (RFC 7519 4.1.4, 4.1.5). */
function checkTimes(claims: Claims, { now, clockTolerance }: VerifyOptions): void {
  if (claims.exp !== undefined && now() >= claims.exp * 1_000 + clockTolerance) throw new TokenRefused('token-expired');
  if (claims.nbf !== undefined && now() < claims.nbf * 1_000 - clockTolerance) throw new TokenRefused('token-not-yet-valid');
}
