import ipaddr from 'ipaddr.js';
import type { AuditEntry } from './audit.ts';

export interface RepeatsLimits {
  readonly each: number; // entries of one address and reason in a window that are kept one by one
  readonly all: number; // of all addresses together
  readonly window: number; // ms
  readonly addresses: number; // that are counted apart at a time; those beyond are counted together
}

export const REPEATS_LIMITS: RepeatsLimits = { each: 10, all: 600, window: 60_000, addresses: 2_000 };

interface Count {
  readonly first: AuditEntry;
  kept: number;
  repeated: number;
  since: number;
  until: number;
}

/**
 * Keeps a flood of refusals from growing the log without bound: beyond some a minute of one address and reason, the others
 * are counted, and one entry at the end of the window says how many. What was accepted is never counted away.
 */
export class Repeats {
  readonly #limits: RepeatsLimits;
  #counts = new Map<string, Count>();
  #windowEnds = 0;
  #kept = 0; // in this window

  constructor(limits: RepeatsLimits = REPEATS_LIMITS) {
    this.#limits = limits;
  }

  /** What is to be kept now: the entry or nothing, behind the sums of a window that is over. */
  handle(now: number, entry: AuditEntry): readonly AuditEntry[] {
    const sums = this.tick(now);
    if (entry.outcome !== 'refused') return [...sums, entry];
    if (this.#windowEnds === 0) this.#windowEnds = now + this.#limits.window;
    const count = this.#countOf(entry, now);
    if (count.kept < this.#limits.each && this.#kept < this.#limits.all) {
      count.kept += 1;
      this.#kept += 1;
      return [...sums, entry];
    }
    if (count.repeated === 0) count.since = now;
    count.repeated += 1;
    count.until = now;
    return sums;
  }

  /** When `tick` has something to say; undefined: nothing is counted. */
  get deadline(): number | undefined {
    return this.#windowEnds === 0 ? undefined : this.#windowEnds;
  }

  /** The sums of the window, if it is over. */
  tick(now: number): readonly AuditEntry[] {
    return this.#windowEnds !== 0 && now >= this.#windowEnds ? this.flush() : [];
  }

  /** The sums so far. */
  flush(): readonly AuditEntry[] {
    const sums = [...this.#counts.values()].filter(({ repeated }) => repeated > 0).map(sumOf);
    this.#counts = new Map();
    this.#windowEnds = 0;
    this.#kept = 0;
    return sums;
  }

  #countOf(entry: AuditEntry, now: number): Count {
    const known = this.#counts.get(keyOf(entry));
    if (known !== undefined) return known;
    const full = this.#counts.size >= this.#limits.addresses;
    const key = full ? `${entry.action} others` : keyOf(entry);
    const others = full ? this.#counts.get(key) : undefined;
    if (others !== undefined) return others;
    const first: AuditEntry = full ? { ...entry, address: 'others', reason: 'any' } : entry;
    const count = { first, kept: 0, repeated: 0, since: now, until: now };
    this.#counts.set(key, count);
    return count;
  }
}

function keyOf({ action, reason, project, address = '' }: AuditEntry): string {
  return JSON.stringify([action, reason, project, networkOf(address)]);
}

/** Who has one IPv6 address has all of its /64 (RFC 4291 2.5.4). */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address); // an IPv4 address inside ::ffff: as what it is
  const text = parsed.toNormalizedString();
  return parsed.kind() === 'ipv6' ? text.split(':', 4).join(':') : text;
}

/** Only what all of them have in common. */
function sumOf({ first, repeated, since, until }: Count): AuditEntry {
  const { action, outcome, reason, project, address } = first;
  return {
    at: until,
    action,
    outcome,
    project,
    ...(reason === undefined ? {} : { reason }),
    ...(address === undefined ? {} : { address }),
    details: { repeated, since, until, note: 'not written one by one: too many like it' },
  };
}
