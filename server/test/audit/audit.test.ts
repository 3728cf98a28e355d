import assert from 'node:assert/strict';
import type { AuditVerdict } from '../../src/audit/audit.ts';
import { verifyExport } from '../../src/audit/export.ts';
import { createSeal } from '../../src/store/seal.ts';
import { overBothDatabases } from '../support/both-databases.ts';
import { newAudit, validated } from './new-audit.ts';

const found = (verdict: AuditVerdict) => (verdict.intact ? undefined : [verdict.problem.kind, verdict.problem.seq]);

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

overBothDatabases('the audit log', {
  async 'keeps what is recorded, in order, and lists it by what is asked'(t, { open }) {
    const audit = await newAudit(t, await open());
    audit.record(validated({ user: 'ann', jti: 'j1', address: '192.0.2.1', userAgent: 'curl/8', key: 'k1', at: 1_000 }));
    audit.record(validated({ outcome: 'refused', reason: 'token-expired', user: 'bob', at: 2_000 }));
    audit.record({ action: 'token.issued', outcome: 'accepted', project: 'other', details: { ttl: 60 }, at: 3_000 });
    await audit.flushed();
    const { items, next } = await audit.list({ limit: 10 });
    assert.deepEqual(
      items.map(({ seq, action, at }) => [seq, action, at]),
      [
        [3, 'token.issued', 3_000],
        [2, 'token.validated', 2_000],
        [1, 'token.validated', 1_000],
      ],
    );
    assert.equal(next, undefined);
    assert.deepEqual(items[0]?.details, { ttl: 60 });
    assert.partialDeepStrictEqual(items[2], { key: 'k1', jti: 'j1', user: 'ann', address: '192.0.2.1', userAgent: 'curl/8' });
    const seqs = async (query: object) => (await audit.list({ limit: 10, ...query })).items.map(({ seq }) => seq);
    assert.deepEqual(await seqs({ project: 'default' }), [2, 1]);
    assert.deepEqual(await seqs({ outcome: 'refused' }), [2]);
    assert.deepEqual(await seqs({ action: 'token.' }), [3, 2, 1]);
    assert.deepEqual(await seqs({ action: 'token.issued' }), [3]);
    assert.deepEqual(await seqs({ user: 'bob', room: 'blue' }), [2]);
    assert.deepEqual(await seqs({ from: 2_000, to: 3_000 }), [2]);
    assert.deepEqual(await audit.list({ limit: 2 }).then(page => page.next), 2);
    assert.deepEqual(await seqs({ before: 2 }), [1]);
  },

  async 'is one chain, whichever of several servers writes to it'(t, { open }) {
    const [one, two] = [await newAudit(t, await open()), await newAudit(t, await open())];
    await Promise.all([one.fill(350), two.fill(350, { user: 'bob' })]);
    const verdict = await one.verify();
    assert.equal(verdict.intact && verdict.entries, 700);
    assert.deepEqual(verdict, await two.verify());
    assert.deepEqual([one.errors, two.errors], [[], []]);
  },

  async 'finds an entry that was changed in any of its columns'(t, { open }) {
    const store = await open();
    const audit = await newAudit(t, store);
    await audit.fill(5, { details: { a: 1 } });
    const [row] = await store.auditLog.page(2, 3, 1);
    assert.ok(row);
    for (const [column, value] of Object.entries(row)) {
      if (column === 'seq') continue;
      const other = typeof value === 'number' ? value + 1 : column === 'details' ? '{ "a":1}' : `${value ?? ''}x`;
      const set = (to: unknown) =>
        store.database
          .updateTable('audit_entries')
          .set({ [column]: to })
          .where('seq', '=', 3)
          .execute();
      await set(other);
      assert.deepEqual(found(await audit.verify()), ['changed', 3], column);
      await set(value);
    }
    assert.equal((await audit.verify()).intact, true);
  },

  async 'finds what is missing, swapped, cut off or put behind the end'(t, { open }) {
    const store = await open();
    const audit = await newAudit(t, store);
    await audit.fill(6);
    const rows = await store.auditLog.page(0, 6, 6);
    const restore = async () => {
      await store.database.deleteFrom('audit_entries').execute();
      await store.database.insertInto('audit_entries').values(rows).execute();
    };
    const entries = store.database.deleteFrom('audit_entries');
    await entries.where('seq', '=', 2).execute();
    assert.deepEqual(found(await audit.verify()), ['missing', 2]);
    await restore();
    await entries.where('seq', '=', 1).execute();
    assert.deepEqual(found(await audit.verify()), ['missing', 1]);
    await restore();
    const move = (from: number, to: number) =>
      store.database.updateTable('audit_entries').set({ seq: to }).where('seq', '=', from).execute();
    await move(2, 100)
      .then(() => move(5, 2))
      .then(() => move(100, 5));
    assert.deepEqual(found(await audit.verify()), ['changed', 2]);
    await restore();
    await entries.where('seq', '>', 4).execute();
    assert.deepEqual(found(await audit.verify()), ['truncated', 5]);
    await entries.execute();
    assert.deepEqual(found(await audit.verify()), ['truncated', 1]);
    await restore();
    const [last] = rows.slice(-1);
    assert.ok(last);
    await store.database
      .insertInto('audit_entries')
      .values({ ...last, id: 'other', seq: 7 })
      .execute();
    assert.deepEqual(found(await audit.verify()), ['inserted', 7]);
    await restore();
    assert.equal((await audit.verify()).intact, true);
  },

  async 'finds a tail that was cut off together with the end of the chain, for that has a seal'(t, { open }) {
    const store = await open();
    const audit = await newAudit(t, store);
    await audit.fill(6);
    const [fourth] = await store.auditLog.page(3, 4, 1);
    await store.database.deleteFrom('audit_entries').where('seq', '>', 4).execute();
    await store.database
      .updateTable('audit_chain')
      .set({ head_seq: 4, head_hash: fourth?.hash ?? '' })
      .execute();
    assert.deepEqual(found(await audit.verify()), ['seal', 4]);
    await audit.fill(1); // what is written afterwards does not cover it up
    assert.equal(found(await audit.verify())?.[0], 'seal');
    assert.deepEqual(audit.errors, ['The audit log was changed by somebody else than aqlinks']);
    await audit.flushed();
    assert.equal((await audit.list({ limit: 1, action: 'audit.damaged' })).items.length, 1);
    await store.database.deleteFrom('audit_chain').execute();
    assert.deepEqual(found(await audit.verify()), ['seal', 1]);
    await audit.fill(1);
    assert.deepEqual((await audit.verify()).intact, false);
    assert.equal((await audit.list({ limit: 1 })).items[0]?.jti, 'j0'); // and nothing is lost of what comes
  },

  async 'is sealed from the day on which there is a master key'(t, { open }) {
    const store = await open();
    const before = await newAudit(t, store, { seal: undefined });
    await before.fill(2);
    assert.partialDeepStrictEqual(await before.verify(), { intact: true, sealed: false });
    const audit = await newAudit(t, store);
    await audit.flushed();
    assert.partialDeepStrictEqual(await audit.verify(), { intact: true, sealed: true, entries: 3 });
    const other = await newAudit(t, store, { seal: createSeal(Buffer.alloc(32)) });
    assert.equal((await other.verify()).intact, false);
  },

  async 'forgets what is too old, says so, and is still a chain'(t, { open }) {
    const store = await open();
    let now = 1_000_000;
    const audit = await newAudit(t, store, { now: () => now, retention: 1_000 });
    await audit.fill(2_500);
    now += 500;
    await audit.fill(3);
    now += 600;
    await audit.prune();
    await audit.flushed();
    assert.partialDeepStrictEqual(await audit.verify(), { intact: true, entries: 4, anchor: { seq: 2_500 } });
    assert.partialDeepStrictEqual((await audit.list({ limit: 1 })).items[0], {
      ...{ action: 'audit.pruned', details: { until: 2_500, removed: 2_500 } },
    });
    await store.database.updateTable('audit_chain').set({ anchor_seq: 2_499 }).execute();
    assert.deepEqual(found(await audit.verify()), ['seal', 2_504]);
  },

  async 'does not forget what was changed'(t, { open }) {
    const store = await open();
    let now = 1_000_000;
    const audit = await newAudit(t, store, { now: () => now, retention: 1_000 });
    await audit.fill(5);
    await store.database.updateTable('audit_entries').set({ user_id: 'eve' }).where('seq', '=', 2).execute();
    now += 5_000;
    await audit.prune();
    assert.deepEqual(found(await audit.verify()), ['changed', 2]);
    assert.equal(audit.errors.length, 1);
  },

  async 'is exported as lines that verify without the server'(t, { open }) {
    const audit = await newAudit(t, await open());
    await audit.fill(3, { at: 1_000 });
    await audit.fill(600, { project: 'other', at: 2_000, user: 'somebody' });
    await audit.fill(3, { at: 3_000 });
    const all = await linesOf(audit.export());
    assert.equal(all.length, 608);
    assert.ok(all.every(line => line.endsWith('\n')));
    const { head } = JSON.parse(all.at(-1) ?? '');
    assert.deepEqual(await verifyExport(all), {
      ...{ intact: true, entries: 606, anchor: { seq: 0, hash: '0'.repeat(64) }, head, sealed: false },
    });
    const own = await linesOf(audit.export({ project: 'default' }));
    assert.ok(!own.join('').includes('somebody'));
    assert.deepEqual(await verifyExport(own), await verifyExport(all));
    const part = await linesOf(audit.export({ from: 2_000, to: 3_000 }));
    assert.partialDeepStrictEqual(await verifyExport(part), {
      intact: true,
      entries: 600,
      anchor: { seq: 3 },
      head: { seq: 603 },
    });
  },

  async 'an export that was changed afterwards does not verify'(t, { open }) {
    const audit = await newAudit(t, await open());
    await audit.fill(6);
    const lines = await linesOf(audit.export());
    const problem = async (changed: string[]) => found(await verifyExport(changed));
    assert.deepEqual(await problem(lines.with(3, lines[3]?.replace('"ann"', '"eve"') ?? '')), ['changed', 3]);
    assert.deepEqual(await problem(lines.toSpliced(4, 1)), ['missing', 4]);
    assert.deepEqual(await problem(lines.with(2, lines[3] ?? '').with(3, lines[2] ?? '')), ['missing', 2]);
    assert.deepEqual(await problem(lines.slice(0, -1)), ['malformed', 7]);
    assert.deepEqual(await problem(lines.toSpliced(5, 2)), ['truncated', 5]);
    assert.deepEqual(await problem(lines.slice(1)), ['malformed', 1]);
    assert.deepEqual(await problem(lines.with(2, 'no json')), ['malformed', 2]);
    assert.deepEqual(await problem([...lines, lines[6] ?? '']), ['malformed', 7]);
  },

  async 'what an export names as its end verifies a later one'(t, { open }) {
    const audit = await newAudit(t, await open());
    await audit.fill(2);
    const verdict = await audit.verify();
    await audit.fill(2);
    const { head } = verdict.intact ? verdict : assert.fail();
    const lines = await linesOf(audit.export());
    assert.equal(
      lines.some(line => line.includes(`"seq":${head.seq},"hash":"${head.hash}"`)),
      true,
    );
  },

  async 'a flood of refusals becomes a few entries that count the others'(t, { open }) {
    const audit = await newAudit(t, await open());
    for (let n = 0; n < 5_000; n++) {
      audit.record(validated({ outcome: 'refused', reason: 'token-signature', address: '192.0.2.7' }));
    }
    audit.close();
    audit.record(validated());
    await audit.flushed();
    const { items } = await audit.list({ limit: 100 });
    assert.equal(items.length, 11);
    assert.equal(items[0]?.details?.repeated, 4_990);
    assert.equal((await audit.verify()).intact, true);
  },
});
