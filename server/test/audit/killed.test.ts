import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAudit } from '../../src/audit/create-audit.ts';
import { Journal } from '../../src/store/journal.ts';
import { overBothDatabases } from '../support/both-databases.ts';

const SCRIPT = fileURLToPath(new URL('record-process.ts', import.meta.url));
const KILLS = Number(process.env.AQLINKS_TEST_KILLS ?? 5);

/** Lets a process record until it has said a number of times that it did, and kills it. Answers how many it promised. */
async function recordAndDie(settings: object, run: number, lines: number): Promise<number> {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify({ ...settings, run })], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let promised = 0;
  let left = lines;
  for await (const line of createInterface({ input: child.stdout })) {
    promised = Number(line);
    left -= 1;
    if (left === 0) child.kill('SIGKILL'); // the lines that are on their way still count
  }
  await ended;
  return promised;
}

overBothDatabases(`the audit log of a process that is killed ${KILLS} times`, {
  async 'is a whole chain, has all that was promised, and nothing twice'(t: TestContext, { settings, open }) {
    const { dataDir, databaseUrl } = settings;
    const promised: number[] = [];
    for (let run = 0; run < KILLS; run++) {
      const lines = randomInt(1, 12);
      t.diagnostic(`killed at line ${lines}`);
      promised.push(await recordAndDie({ dataDir, databaseUrl }, run, lines));
    }
    const store = await open({ masterKey: new Uint8Array(32) });
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const journal = new Journal({ folder: `${dataDir}/journal`, limit: 1 << 26, log, now: Date.now });
    const audit = createAudit({ auditLog: store.auditLog, journal, seal: store.seal, retention: 1e12, now: Date.now, log });
    await audit.begin();
    journal.start();
    await journal.settled();
    t.after(() => journal.close());
    const verdict = await audit.verify();
    assert.deepEqual(verdict.intact, true, JSON.stringify(verdict));
    const rows = await store.database.selectFrom('audit_entries').select('jti').execute();
    const seen = new Set(rows.map(({ jti }) => jti));
    assert.equal(seen.size, rows.length);
    for (const [run, count] of promised.entries()) {
      for (let n = 0; n < count; n++) assert.ok(seen.has(`${run}-${n}`), `${run}-${n} of ${count}`);
    }
  },
});
