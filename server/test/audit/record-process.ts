import { createAudit } from '../../src/audit/create-audit.ts';
import { Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/store.ts';

/** Records without end, to be killed. Each line on stdout is how many are certainly in the database. */
const { dataDir, databaseUrl, run } = JSON.parse(process.argv[2] ?? '{}');
const log = { debug() {}, info() {}, warn() {}, error: (...said: unknown[]) => console.error(...said) };
const masterKey = new Uint8Array(32);
const store = await openStore({ dataDir, databaseUrl, masterKey, log, now: Date.now });
const journal = new Journal({ folder: `${dataDir}/journal`, limit: 1 << 26, log, now: Date.now });
const audit = createAudit({ auditLog: store.auditLog, journal, seal: store.seal, retention: 1e12, now: Date.now, log });
await audit.begin();
journal.start();
for (let count = 0; ; ) {
  for (const end = count + 1 + (count % 40); count < end; count++) {
    audit.record({ action: 'token.validated', outcome: 'accepted', project: 'default', jti: `${run}-${count}` });
  }
  await audit.flushed();
  process.stdout.write(`${count}\n`);
}
