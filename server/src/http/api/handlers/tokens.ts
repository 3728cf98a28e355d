import { randomUUID } from 'node:crypto';
import { Claims, DEFAULT_PROJECT, type IssuedToken, type IssueToken, type RevokeTokens, secondsOf, TTL } from '@aqlinks/protocol';
import { decodeJwt } from 'jose';
import type { RevokeFilter } from '../../../session.ts';
import type { NewRevocation } from '../../../store/revocations.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import type { Principal } from '../principal.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { timeOf, timeOrNull } from '../time.ts';

const MINUTE = 60_000; // ms
const CLOCKS_APART = 5 * MINUTE; // a revocation is kept for longer than any clock tolerance after the token expired

export function tokenHandlers(parts: ApiParts): SomeHandlers<'issueToken' | 'refreshToken' | 'revokeTokens'> {
  const { tokens, now, clockTolerance } = parts;
  /** A token that was signed until now may say that it was later: by a clock that is ahead of ours. */
  const latestNow = () => now() + clockTolerance;

  /** Signs, writes down, and says where to go with it. */
  async function issue(claims: Claims & { jti: string }, lifetime: number, by: Signer): Promise<Omit<IssuedToken, 'ws_url'>> {
    const issued = issuedAt(claims, by.project, parts);
    const expires = Math.floor(issued) + lifetime;
    const token = await tokens.sign({ ...claims, iat: issued, exp: expires }, by.key);
    parts.issued({
      ...{ jti: claims.jti, project: by.project, key: by.key, userId: claims.user_id, room: claims.room },
      ...{ role: claims.user_type, permissions: claims.permissions, refreshedFrom: undefined },
      ...{ issuedAt: Math.round(issued * 1_000), expiresAt: expires * 1_000 },
    });
    return { token, jti: claims.jti, expires_at: timeOf(expires * 1_000) };
  }

  return {
    async issueToken({ body, project, principal, request, note }) {
      const claims = { ...claimsOf(body), jti: randomUUID() };
      note({ jti: claims.jti, user: claims.user_id, room: claims.room });
      const lifetime = secondsOf(body.ttl ?? body.duration ?? TTL.default) ?? TTL.default;
      const issued = await issue(claims, lifetime, await signerOf(principal, project, parts));
      return { ...issued, ws_url: `${parts.webSocketUrl(request)}?token=${issued.token}` };
    },

    async refreshToken({ body, principal, project, request, note }) {
      const { claims, key, project: own } = await tokens.verify(body.token);
      if (principal.kind !== 'holder' && own !== project)
        throw new ApiProblem('token-refused', 'The token is none of this project.');
      if (principal.kind === 'holder') parts.checkProject(own, request);
      const jti = claims.jti ?? randomUUID();
      note({ jti, user: claims.user_id, room: claims.room, project: own, key });
      if (claims.room !== undefined && parts.directory.isBanned(own, claims.room, claims.user_id)) {
        throw new ApiProblem('forbidden', 'This user may not enter the room of the token any more.');
      }
      const since = claims.auth_time ?? claims.iat ?? Math.floor(now() / 1_000);
      const lifetime = lifetimeOf(claims, body.ttl, principal);
      if (principal.kind === 'holder' && now() / 1_000 + lifetime > since + TTL.max) {
        throw new ApiProblem('forbidden', 'It was followed up for 30 days. Ask the backend that issued it for a new one.');
      }
      const { nbf: _, ...kept } = claims;
      // The same `jti`: whoever takes back the first one takes back all that followed.
      const issued = await issue({ ...kept, jti, auth_time: since }, lifetime, { project: own, key });
      return { ...issued, ws_url: `${parts.webSocketUrl(request)}?token=${issued.token}` };
    },

    async revokeTokens({ body, project, note }) {
      const until = body.until === undefined ? undefined : Date.parse(body.until);
      if (until !== undefined && until <= now()) throw new ApiProblem('invalid-request', '`until` has passed already.');
      const what = whatToRevoke(body, project, parts);
      const reason = body.reason ?? 'revoked';
      note({ jti: what.jti, user: what.userId, room: what.room, reason: body.reason, details: { until: timeOrNull(until) } });
      const issuedBefore =
        what.jti !== undefined || until !== undefined ? undefined : Math.min(what.issuedBefore ?? Infinity, latestNow());
      const expiresAt = until ?? (what.jti === undefined ? undefined : await expiryOf(project, what.jti, parts));
      const { jti, userId, room } = what;
      const removed = countLive({ project, jti, userId, room }, parts); // by the directory, as soon as it hears of it
      await parts.store.revocations.add({ project, jti, userId, room, issuedBefore, expiresAt, reason });
      parts.rooms.revoke(filterOf({ project, jti, userId, room, issuedBefore }), reason); // should it not have heard
      return { removed, until: timeOrNull(expiresAt) };
    },
  };
}

interface Signer {
  readonly project: string;
  readonly key: string | undefined;
}

/** A key signs with itself; the operator with JWT_SECRET in the default project, and with the project's newest key elsewhere. */
async function signerOf(principal: Principal, project: string, { store, directory }: ApiParts): Promise<Signer> {
  if (principal.kind === 'key') return { project, key: principal.key };
  if (project === DEFAULT_PROJECT) return { project, key: undefined };
  const key = (await store.keys.list(project)).findLast(({ id }) => directory.key(id) !== undefined);
  if (key === undefined)
    throw new ApiProblem('conflict', 'This project has no API key to sign with. Create one with POST /keys.');
  return { project, key: key.id };
}

/** In seconds since 1970. Throws `ApiProblem` where a token would be refused as soon as it is there. */
function issuedAt({ user_id: userId, room = '', jti }: Claims, project: string, { directory, now }: ApiParts): number {
  const begin = Math.floor(now() / 1_000) * 1_000;
  for (let issued = begin; ; ) {
    const ended = directory.revocation({ project, jti, userId, room, issuedAt: issued });
    if (ended === undefined) return issued / 1_000;
    if (ended.issuedBefore === undefined) {
      const until = ended.expiresAt === undefined ? 'for good' : `until ${timeOf(ended.expiresAt)}`;
      throw new ApiProblem('conflict', `Tokens for this user, or this room, are revoked ${until}.`);
    }
    // What was just taken back ends what says that it was issued until then: this one comes after, and says so. By no more than a
    // millisecond, or it would escape the next one as well.
    issued = ended.issuedBefore + 1;
  }
}

/** The older names mean the same; both, and not the same, is a mistake. */
function claimsOf(body: IssueToken): Claims {
  const { user_name, user_id = user_name ?? '', email, user_type, permissions } = body; // one of the two is there
  const room = either('room', body.room, body.room_id);
  const name = either('name', body.name, user_name);
  either('ttl', body.ttl, body.duration);
  const optional = Object.entries({ room, name, email, user_type, permissions }).filter(([, value]) => value !== undefined);
  return { user_id, ...Object.fromEntries(optional) };
}

function either<T>(name: string, value: T | undefined, older: T | undefined): T | undefined {
  if (value !== undefined && older !== undefined && value !== older) {
    throw new ApiProblem('invalid-request', `\`${name}\` and its older name say different things: give one of them.`);
  }
  return value ?? older;
}

/** As long as the one before; its holder alone gets no longer one. */
function lifetimeOf({ exp, iat }: Claims, ttl: number | string | undefined, principal: Principal): number {
  const before = exp === undefined || iat === undefined ? TTL.default : Math.ceil(exp - iat);
  const own = Math.min(Math.max(before, TTL.min), TTL.max);
  const asked = ttl === undefined ? undefined : secondsOf(ttl);
  if (asked === undefined) return own;
  return principal.kind === 'holder' ? Math.min(asked, own) : asked;
}

type Revoked = Pick<NewRevocation, 'jti' | 'userId' | 'room' | 'issuedBefore'>;

const NOTHING: Revoked = { jti: undefined, userId: undefined, room: undefined, issuedBefore: undefined };

function whatToRevoke(body: RevokeTokens, project: string, { directory }: ApiParts): Revoked {
  if ('jti' in body) return { ...NOTHING, jti: body.jti };
  if ('user_id' in body) return { ...NOTHING, userId: body.user_id };
  if ('room' in body) return { ...NOTHING, room: body.room };
  const claims = readClaims(body.token);
  const owner = claims.iss === undefined ? DEFAULT_PROJECT : directory.key(claims.iss)?.project;
  if (owner !== project) throw notFound('token');
  if (claims.jti !== undefined) return { ...NOTHING, jti: claims.jti };
  // Without a name of its own it goes with all that this user had until then.
  return {
    ...NOTHING,
    userId: claims.user_id,
    issuedBefore: claims.iat === undefined ? undefined : Math.max(0, Math.round(claims.iat * 1_000)),
  };
}

/** Its signature does not matter: with the same credentials its `jti` could be revoked without it. */
function readClaims(token: string): Claims {
  try {
    return Claims.parse(decodeJwt(token));
  } catch {
    throw new ApiProblem('invalid-request', 'The token is none of ours: its claims cannot be read.');
  }
}

/** When the last of its tokens expires; undefined: nobody knows, and the revocation stays for good. */
async function expiryOf(project: string, jti: string, { store }: ApiParts): Promise<number | undefined> {
  const known = await store.tokens.find(project, jti);
  return known && known.expiresAt + CLOCKS_APART;
}

/** Those who are in a call with such a token. */
function countLive(
  { project, jti, userId, room }: Omit<Revoked, 'issuedBefore'> & { project: string },
  { rooms }: ApiParts,
): number {
  const people = rooms
    .list(project)
    .flatMap(({ room: name }) => (room === undefined || room === name ? (rooms.participants(project, name) ?? []) : []));
  return people.filter(each => (jti === undefined || each.jti === jti) && (userId === undefined || each.userId === userId))
    .length;
}

const filterOf = (filter: { readonly [K in keyof RevokeFilter]: RevokeFilter[K] | undefined }): RevokeFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
