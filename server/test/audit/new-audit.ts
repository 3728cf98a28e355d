import type { TestContext } from 'node:test';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { type AuditOptions, createAudit, type OwnedAudit } from '../../src/audit/create-audit.ts';
import { Journal } from '../../src/store/journal.ts';
import type { Store } from '../../src/store/store.ts';
import { newFolder } from '../support/both-databases.ts';

export interface TestAudit extends OwnedAudit {
  readonly journal: Journal;
  readonly errors: readonly string[]; // messages of the log
  /** Records so many validations and waits until they are in the database. */
  fill(count: number, entry?: Partial<AuditEntry>): Promise<void>;
}

export const validated = (entry: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ action: 'token.validated', outcome: 'accepted', project: 'default', user: 'ann', room: 'blue' },
  ...entry,
});

/** The audit log of one server over a store. */
export async function newAudit(t: TestContext, store: Store, options: Partial<AuditOptions> = {}): Promise<TestAudit> {
  const errors: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (_fields: object, message: string) => void errors.push(message) };
  const journal = new Journal({ folder: newFolder(t), limit: 1 << 24, log, now: Date.now });
  const audit = createAudit({
    ...{ auditLog: store.auditLog, journal, seal: store.seal, retention: 1_000_000, now: Date.now, log },
    ...options,
  });
  await audit.begin();
  journal.start();
  t.after(() => journal.close());
  return Object.assign(audit, {
    journal,
    errors,
    async fill(count: number, entry: Partial<AuditEntry> = {}) {
      for (let n = 0; n < count; n++) audit.record(validated({ jti: `j${n}`, ...entry }));
      await audit.flushed();
    },
  });
}
