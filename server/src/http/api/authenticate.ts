import { createHash, timingSafeEqual } from 'node:crypto';
import type { Access } from '@aqlinks/protocol';
import type { DirectoryKey } from '../../directory/directory-key.ts';
import type { ApiParts } from './ports.ts';
import type { Principal } from './principal.ts';
import { ApiProblem } from './problem.ts';

const HOW = 'Send an API key as `Authorization: Bearer ID:SECRET`, or an admin token.';
const MAX_CREDENTIALS = 10_000; // characters

/** Who asks. Rejects with `ApiProblem` or `TokenRefused`; neither says more than that it is wrong. */
export async function authenticate(
  header: string | undefined,
  access: Access,
  { directory, tokens, now }: Pick<ApiParts, 'directory' | 'tokens' | 'now'>,
): Promise<Principal> {
  if (header === undefined) {
    if (access === 'holder') return { kind: 'holder' };
    throw new ApiProblem('unauthorized', `There are no credentials. ${HOW}`);
  }
  const credentials = header.length > MAX_CREDENTIALS ? undefined : /^Bearer +(\S+) *$/i.exec(header)?.[1]; // RFC 6750 2.1
  if (credentials === undefined) throw new ApiProblem('unauthorized', `The Authorization header is not understood. ${HOW}`);
  const colon = credentials.indexOf(':');
  const principal =
    colon === -1
      ? await ofToken(credentials, tokens)
      : ofKey(directory.key(credentials.slice(0, colon)), credentials.slice(colon + 1), now());
  if (access === 'operator' && principal.kind !== 'operator') {
    throw new ApiProblem('forbidden', 'Only an admin token that is signed with the JWT_SECRET of the server may do this.');
  }
  return principal;
}

function ofKey(key: DirectoryKey | undefined, secret: string, now: number): Principal {
  const given = digest(secret);
  const secrets = key?.secrets.filter(({ until }) => until === undefined || until > now).map(({ value }) => value) ?? [];
  // Also for a key that is not there, and all secrets in any case: the time that it takes tells nothing.
  const matches = (secrets.length === 0 ? [NONE] : secrets).map(each => timingSafeEqual(given, digest(each)));
  if (key === undefined || secrets.length === 0 || !matches.includes(true)) {
    throw new ApiProblem('unauthorized', 'The API key is wrong: its id, or its secret, or it was revoked.');
  }
  return { kind: 'key', project: key.project, key: key.id };
}

const NONE = new Uint8Array(32);
const digest = (secret: string | Uint8Array) => createHash('sha256').update(secret).digest();

async function ofToken(token: string, tokens: ApiParts['tokens']): Promise<Principal> {
  const { project, key, jti, user } = await tokens.verifyAdmin(token);
  return key === undefined ? { kind: 'operator', jti, user } : { kind: 'key', project, key, jti, user };
}
