import canonicalize from 'canonicalize';
import type { AuditContent } from '../store/audit-log.ts';
import type { AuditRow } from '../store/tables/records.ts';
import type { AuditAction, AuditOutcome, AuditRecord } from './audit.ts';
import type { SealedEntry } from './entry.ts';

export function contentOf({ user, details, ...entry }: SealedEntry): AuditContent {
  return {
    ...{ id: entry.id, at: entry.at, action: entry.action, outcome: entry.outcome, project: entry.project },
    reason: entry.reason ?? null,
    key: entry.key ?? null,
    jti: entry.jti ?? null,
    user_id: user ?? null,
    room: entry.room ?? null,
    address: entry.address ?? null,
    user_agent: entry.user_agent ?? null,
    details: details === undefined ? null : (canonicalize(details) ?? null),
  };
}

/** What was hashed. Of a row that somebody changed it need be nothing sensible: its hash is wrong in any case. */
export function entryOf(row: AuditContent): SealedEntry {
  const { id, at, action, outcome, reason, project, key, jti, user_id: user, room, address, user_agent, details } = row;
  return {
    ...{ id, at, action, outcome, project },
    ...(reason === null ? {} : { reason }),
    ...(key === null ? {} : { key }),
    ...(jti === null ? {} : { jti }),
    ...(user === null ? {} : { user }),
    ...(room === null ? {} : { room }),
    ...(address === null ? {} : { address }),
    ...(user_agent === null ? {} : { user_agent }),
    ...(details === null ? {} : { details: parsed(details) }),
  };
}

/** Only as it was written: the same JSON in other words is a change too. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    if (canonicalize(value) === text) return value;
  } catch {
    // not what we wrote
  }
  return { unreadable: text.toWellFormed() };
}

export function recordOf(row: AuditRow): AuditRecord {
  const { user_agent: userAgent, action, outcome, ...entry } = entryOf(row);
  return {
    ...entry,
    action: action as AuditAction,
    outcome: outcome as AuditOutcome,
    ...(userAgent === undefined ? {} : { userAgent }),
    seq: row.seq,
    hash: row.hash,
  };
}
