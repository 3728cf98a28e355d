import { randomBytes } from 'node:crypto';
import type { Log } from '../session.ts';
import type { AuditContent, AuditLog, ChainEnds, Extension } from '../store/audit-log.ts';
import type { Journal } from '../store/journal.ts';
import type { Seal } from '../store/seal.ts';
import type { Audit, AuditEntry, AuditPage, AuditQuery, AuditRange, AuditVerdict, ChainLink } from './audit.ts';
import { extend, GENESIS, Sealer } from './chain.ts';
import { prepareEntry, type SealedEntry } from './entry.ts';
import { exportLog } from './export.ts';
import { Repeats, type RepeatsLimits } from './repeats.ts';
import { contentOf, entryOf, recordOf } from './rows.ts';
import { verifyFront, verifyLog } from './verify.ts';

export interface AuditOptions {
  readonly auditLog: AuditLog;
  readonly journal: Pick<Journal, 'append' | 'handle' | 'settled' | 'stats'>;
  readonly seal: Seal | undefined; // with the master key; undefined: there is none, and the ends are not sealed
  readonly retention: number; // ms
  readonly now: () => number; // ms since 1970
  readonly log: Log;
  readonly repeats?: RepeatsLimits;
  /** Hears of every entry that is kept. */
  readonly kept?: (entry: SealedEntry) => void;
}

/** The log with its upkeep, for whoever owns it. */
export interface OwnedAudit extends Audit {
  /** Once the store is open, and before the journal is started. */
  begin(): Promise<void>;
  /** Removes what is older than the retention. */
  prune(): Promise<void>;
  /** Sums that are still counted are recorded; nothing is after it. Before the journal is closed. Idempotent. */
  close(): void;
}

const KIND = 'audit';
const FORGET = 2_000; // entries of one transaction

/** The audit log over one chain of the database. */
export function createAudit(options: AuditOptions): OwnedAudit {
  return new ChainedAudit(options);
}

class ChainedAudit implements OwnedAudit {
  readonly #options: AuditOptions;
  readonly #sealer: Sealer | undefined;
  readonly #repeats: Repeats;
  #last: ChainLink = GENESIS; // the furthest that this server has seen the chain
  #dropped = 0; // entries of the journal that were told of
  #verifying: Promise<AuditVerdict> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#sealer = options.seal && new Sealer(options.seal);
    this.#repeats = new Repeats(options.repeats);
    options.journal.handle(KIND, entries => this.#write(entries.map(({ payload }) => contentOf(payload as SealedEntry))));
  }

  record(entry: AuditEntry): void {
    if (this.#closed) return;
    try {
      const now = this.#options.now();
      for (const each of this.#repeats.handle(now, entry)) this.#keep(each, now);
      this.#watch(now);
    } catch (error) {
      this.#options.log.error({ err: error }, 'A bug of aqlinks: please report it');
    }
  }

  flushed(): Promise<void> {
    return this.#options.journal.settled();
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const rows = await this.#options.auditLog.list({ ...query, limit: query.limit + 1 });
    const items = rows.slice(0, query.limit).map(recordOf);
    return { items, next: rows.length > query.limit ? items.at(-1)?.seq : undefined };
  }

  verify(): Promise<AuditVerdict> {
    this.#verifying ??= verifyLog(this.#options.auditLog, this.#sealer).finally(() => {
      this.#verifying = undefined;
    });
    return this.#verifying;
  }

  export(range: AuditRange = {}): AsyncIterable<string> {
    return exportLog(this.#options.auditLog, range);
  }

  async begin(): Promise<void> {
    const { auditLog } = this.#options;
    await auditLog.begin(GENESIS, this.#sealer?.seal(GENESIS, GENESIS) ?? null);
    const ends = await auditLog.ends();
    if (ends === undefined) return;
    this.#last = ends.head;
    if (this.#sealer === undefined || ends.seal !== null) return;
    this.record({ action: 'audit.sealed', outcome: 'accepted', project: '*', details: { head: ends.head.seq } });
  }

  async prune(): Promise<void> {
    const { auditLog, now, retention } = this.#options;
    const ends = await auditLog.ends();
    if (ends === undefined) return;
    const last = ((await auditLog.firstSince(now() - retention)) ?? ends.head.seq + 1) - 1;
    if (last <= ends.anchor.seq) return;
    const problem = await verifyFront(auditLog, ends.anchor, last);
    if (problem !== undefined) return this.#damaged(`It is not removed, for it was changed. ${problem.text}`);
    let removed = 0;
    for (;;) {
      const count = await auditLog.forget(last, FORGET, (before, anchor) => this.#seal(before, anchor, before.head));
      if (count === 0) break;
      removed += count;
    }
    if (removed > 0)
      this.record({ action: 'audit.pruned', outcome: 'accepted', project: '*', details: { until: last, removed } });
  }

  close(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    for (const entry of this.#repeats.flush()) this.#keep(entry, this.#options.now());
    this.#closed = true;
  }

  #keep(entry: AuditEntry, now: number): void {
    const { journal, kept } = this.#options;
    const { dropped } = journal.stats();
    if (dropped > this.#dropped) {
      const details = { dropped: dropped - this.#dropped, note: 'the journal was full' };
      this.#dropped = dropped;
      this.#append({ action: 'audit.dropped', outcome: 'refused', project: '*', details }, now);
    }
    const prepared = this.#append(entry, now);
    kept?.(prepared);
  }

  #append(entry: AuditEntry, now: number): SealedEntry {
    const prepared = prepareEntry(entry, randomBytes(16).toString('hex'), now);
    this.#options.journal.append(KIND, prepared);
    return prepared;
  }

  /** The end of the window in which repeated entries are counted. */
  #watch(now: number): void {
    const { deadline } = this.#repeats;
    if (deadline === undefined || this.#timer !== undefined) return;
    const ring = () => {
      this.#timer = undefined;
      const later = this.#options.now();
      for (const entry of this.#repeats.tick(later)) this.#keep(entry, later);
      this.#watch(later);
    };
    this.#timer = setTimeout(ring, Math.max(0, deadline - now)).unref();
  }

  async #write(contents: readonly AuditContent[]): Promise<void> {
    let written = this.#last;
    const before = await this.#options.auditLog.append(contents, (ends, fresh) => {
      const { extension, head } = this.#link(ends, fresh);
      written = head;
      return extension;
    });
    const { head } = before;
    const seen = this.#last;
    this.#last = written;
    if (head.seq < seen.seq || (head.seq === seen.seq && head.hash !== seen.hash)) {
      this.#damaged(`It ended with entry ${seen.seq} and now ends with ${head.seq}, or with another one of that number.`);
    }
  }

  #link(ends: ChainEnds, fresh: readonly AuditContent[]): { extension: Extension; head: ChainLink } {
    const links = extend(ends.head, fresh.map(entryOf));
    const { seq, hash } = links.at(-1) ?? ends.head;
    const head = { seq, hash };
    return { extension: { hashes: links.map(link => link.hash), seal: this.#seal(ends, ends.anchor, head) }, head };
  }

  /** A wrong seal is left as it is: sealing anew what somebody changed would hide it. One that was never there is made. */
  #seal(before: ChainEnds, anchor: ChainLink, head: ChainLink): string | null {
    if (this.#sealer === undefined) return null;
    if (before.seal !== null && !this.#sealer.isRight(before.seal, before.anchor, before.head)) return before.seal;
    return this.#sealer.seal(anchor, head);
  }

  #damaged(text: string): void {
    this.#options.log.error({ problem: text }, 'The audit log was changed by somebody else than aqlinks');
    this.record({ action: 'audit.damaged', outcome: 'refused', project: '*', details: { problem: text } });
  }
}
