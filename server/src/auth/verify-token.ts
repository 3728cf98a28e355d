import { Claims, DEFAULT_PROJECT } from '@aqlinks/protocol';
import { base64url, decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import type * as z from 'zod';
import { isSignedWith } from './hs256.ts';
import { TokenRefused } from './token-refused.ts';

/** Characters of a token; it also has to fit in the request's head, which the listener bounds. */
export const MAX_TOKEN_LENGTH = 8_192;

/** A key that `iss` may name. */
export interface SigningKey {
  readonly id: string;
  readonly project: string;
  readonly secrets: readonly SigningSecret[];
}

export interface SigningSecret {
  readonly value: Uint8Array;
  readonly until: number | undefined; // ms since 1970: a rotated secret is taken for a while; undefined: as long as the key is
}

export interface VerifyOptions {
  readonly secret: Uint8Array; // of tokens without `iss`, which are of the default project
  readonly keys: (id: string) => SigningKey | undefined; // from memory
  readonly clockTolerance: number; // ms
  readonly now: () => number; // ms since 1970
}

export interface VerifiedToken {
  readonly claims: Claims;
  readonly project: string;
  readonly key: string | undefined; // undefined: the secret of the server
}

/** The claims of a token whose signature, times and shapes are right. Rejects with `TokenRefused`, each cause with its own code. */
export async function verifyToken(token: string, options: VerifyOptions): Promise<VerifiedToken> {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new TokenRefused('token-malformed', `The token is longer than ${MAX_TOKEN_LENGTH} characters.`);
  }
  checkHeader(token);
  const payload = readPayload(token);
  const key = keyOf(payload, options);
  verifySignature(token, key === undefined ? [options.secret] : validSecrets(key, options));
  const claims = readClaims(payload);
  checkTimes(claims, options);
  return { claims, project: key?.project ?? DEFAULT_PROJECT, key: key?.id };
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

const Issuer = Claims.pick({ iss: true });

/**
 * Who signed must be known before the signature can be checked, so that `iss` is read from a text that anybody may have written.
 * It only chooses the secret: nothing else is believed before that secret has confirmed the whole of it.
 */
function keyOf(payload: object, { keys }: VerifyOptions): SigningKey | undefined {
  const parsed = Issuer.safeParse(withoutEmpty(payload));
  if (!parsed.success) throw new TokenRefused('token-claims', claimProblem(parsed.error.issues[0]));
  const { iss } = parsed.data;
  if (iss === undefined) return undefined;
  const key = keys(iss);
  if (key === undefined) throw new TokenRefused('token-issuer');
  return key;
}

const validSecrets = ({ secrets }: SigningKey, { now, clockTolerance }: VerifyOptions) =>
  secrets.filter(({ until }) => until === undefined || now() < until + clockTolerance).map(({ value }) => value);

function verifySignature(token: string, secrets: readonly Uint8Array[]): void {
  if (secrets.some(secret => isSignedWith(secret, token))) return;
  const signature = token.slice(token.lastIndexOf('.') + 1);
  throw new TokenRefused(/^[\w-]*$/.test(signature) ? 'token-signature' : 'token-malformed'); // RFC 7515 2: base64url
}

function readPayload(token: string): object {
  let value: unknown;
  try {
    const bytes = base64url.decode(token.split('.')[1] ?? '');
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)); // of duplicated claims the last wins (RFC 7519 4)
  } catch {
    throw new TokenRefused('token-malformed', 'The payload of the token is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TokenRefused('token-malformed', 'The payload of the token is not a JSON object.');
  }
  return value;
}

function readClaims(payload: object): Claims {
  const parsed = Claims.safeParse(withoutEmpty(payload));
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
