import canonicalize from 'canonicalize';
import type { AuditEntry } from './audit.ts';

/** An entry ready to be hashed: only what is there, in the names that exports have. */
export interface SealedEntry {
  readonly id: string;
  readonly at: number;
  readonly action: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly project: string;
  readonly key?: string;
  readonly jti?: string;
  readonly user?: string;
  readonly room?: string;
  readonly address?: string;
  readonly user_agent?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const MAX_TEXT = 256; // characters; ids of users and rooms have at most as many
const MAX_DETAILS = 2_048; // characters of JSON

/** What others named is made fit to keep: bounded, storable in every database, and without anything that looks like a token. */
export function prepareEntry(entry: AuditEntry, id: string, now: number): SealedEntry {
  const { key, jti, user, room, address, userAgent, reason, details } = entry;
  return {
    id,
    at: Math.trunc(entry.at ?? now),
    action: clean(entry.action),
    outcome: entry.outcome,
    project: clean(entry.project),
    ...(reason === undefined ? {} : { reason: clean(reason) }),
    ...(key === undefined ? {} : { key: clean(key) }),
    ...(jti === undefined ? {} : { jti: clean(jti) }),
    ...(user === undefined ? {} : { user: clean(user) }),
    ...(room === undefined ? {} : { room: clean(room) }),
    ...(address === undefined ? {} : { address: clean(address) }),
    ...(userAgent === undefined ? {} : { user_agent: clean(userAgent) }),
    ...(details === undefined ? {} : { details: cleanDetails(details) }),
  };
}

const TOKEN = /eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g; // a JWT: `{"` in base64url, up to its signature or to where it was cut
const SECRET = /whsec_[\w+/=-]+/g;
const UNPRINTABLE = /\p{Cc}/gu; // NUL, which Postgres cannot keep, and what would fool a terminal

const masked = (text: string) => text.replace(TOKEN, '[token]').replace(SECRET, '[secret]');
const clean = (text: string) => masked(text).replace(UNPRINTABLE, '\ufffd').slice(0, MAX_TEXT).toWellFormed(); // a cut pair of surrogates too

/** Through JSON, so that what is hashed now is what is read back later. */
function cleanDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    const text = JSON.stringify(details, (_name, value) => (typeof value === 'string' ? clean(value) : value));
    if (text.length > MAX_DETAILS) return { left_out: 'larger than 2 kB' };
    canonicalize(JSON.parse(text)); // throws for names that cannot be kept
    return JSON.parse(text);
  } catch {
    return { left_out: 'no JSON' };
  }
}
