import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { StoreConflict } from '../../src/store/errors.ts';
import { createSeal, SealBroken } from '../../src/store/seal.ts';
import { overBothDatabases } from '../support/both-databases.ts';

overBothDatabases('API keys', {
  'a secret is shown once, and stored so that the database does not know it': async (_t, { open }) => {
    const { keys, database } = await open();
    const { secret, ...key } = await keys.create('default', 'the backend');
    assert.match(secret, /^[\w-]{43}$/);
    assert.deepEqual(await keys.find('default', key.id), key);
    assert.deepEqual(await keys.list('default'), [key]);
    assert.deepEqual(await keys.list('school'), []);
    assert.equal(await keys.find('school', key.id), undefined, 'keys of one project do not exist for another');
    assert.deepEqual((await keys.open(key.id))?.secrets, [{ value: secret, until: undefined }]);
    const rows = JSON.stringify(await database.selectFrom('api_keys').selectAll().execute());
    assert.ok(!rows.includes(secret) && rows.includes('"v1.'.replaceAll('"', '\\"')), rows);
  },

  'rotated, the former secret is taken until the overlap is over': async (_t, { open }) => {
    let now = 1_000_000;
    const { keys } = await open({ now: () => now });
    const first = await keys.create('default', '');
    now += 10;
    const second = await keys.rotate('default', first.id, 60_000);
    assert.equal(second?.rotatedAt, now);
    assert.deepEqual(second?.overlaps, [now + 60_000]);
    now += 10;
    const third = await keys.rotate('default', first.id, 5_000);
    assert.deepEqual((await keys.open(first.id))?.secrets, [
      { value: third?.secret, until: undefined },
      { value: second?.secret, until: now + 5_000 },
      { value: first.secret, until: now + 5_000 }, // a shorter overlap shortens the older one's
    ]);
    const fourth = await keys.rotate('default', first.id, 0);
    assert.deepEqual((await keys.open(first.id))?.secrets, [{ value: fourth?.secret, until: undefined }]);
    assert.equal(await keys.rotate('school', first.id, 0), undefined);
  },

  'rotated twice at once, both new secrets are known': async (_t, { open }) => {
    const [one, two] = [await open(), await open()];
    const key = await one.keys.create('default', '');
    const shown = await Promise.all([one, two, one, two].map(({ keys }) => keys.rotate('default', key.id, 60_000)));
    const opened = (await two.keys.open(key.id))?.secrets.map(({ value }) => value) ?? [];
    assert.deepEqual(opened.toSorted(), [key.secret, ...shown.map(each => each?.secret ?? '')].toSorted());
  },

  'revoked, a key is only a memory': async (_t, { open }) => {
    const { keys, database } = await open();
    const key = await keys.create('default', 'lost');
    assert.equal(await keys.revoke('school', key.id), undefined);
    assert.equal((await keys.revoke('default', key.id))?.name, 'lost');
    assert.equal(await keys.revoke('default', key.id), undefined);
    assert.equal(await keys.open(key.id), undefined);
    assert.equal(await keys.rotate('default', key.id, 0), undefined);
    assert.deepEqual(await keys.openAll(), { opened: [], broken: [] });
    assert.equal((await keys.list('default')).length, 1);
    const rows = await database.selectFrom('api_keys').select('secrets').execute();
    assert.deepEqual(rows, [{ secrets: '[]' }], 'its secrets are forgotten');
  },

  'without a master key none is stored, with another one none opens': async (_t, { open }) => {
    const without = await open({ masterKey: undefined });
    await assert.rejects(without.keys.create('default', ''), StoreConflict);
    const key = await (await open()).keys.create('default', '');
    assert.deepEqual(await without.keys.openAll(), { opened: [], broken: [key.id] });
    await assert.rejects((await open({ masterKey: randomBytes(32) })).keys.open(key.id), SealBroken);
  },

  'a key that was moved into another project does not open there': async (_t, { open }) => {
    const { keys, database } = await open();
    const key = await keys.create('school', '');
    await database.updateTable('api_keys').set({ project: 'default' }).where('id', '=', key.id).execute();
    await assert.rejects(keys.open(key.id), SealBroken);
  },

  'a secret that was moved to another key does not open': async (_t, { open }) => {
    const { keys, database } = await open();
    const [mine, theirs] = [await keys.create('default', ''), await keys.create('school', '')];
    const { secrets } = await database
      .selectFrom('api_keys')
      .select('secrets')
      .where('id', '=', mine.id)
      .executeTakeFirstOrThrow();
    await database.updateTable('api_keys').set({ secrets }).where('id', '=', theirs.id).execute();
    await assert.rejects(keys.open(theirs.id), SealBroken);
  },
});

test('a seal that was changed anywhere does not open', () => {
  const seal = createSeal(randomBytes(32));
  const sealed = seal.close('place', 'secret');
  assert.equal(seal.open('place', sealed), 'secret');
  assert.notEqual(seal.close('place', 'secret'), sealed, 'a new nonce each time');
  assert.throws(() => seal.open('elsewhere', sealed), SealBroken);
  for (const broken of ['', 'v1', 'v1.', sealed.replace('v1', 'v2'), sealed.slice(0, -6), `${sealed}AAAA`]) {
    assert.throws(() => seal.open('place', broken), SealBroken, broken);
  }
  const [, body = ''] = sealed.split('.');
  const bytes = Buffer.from(body, 'base64url');
  for (const [index] of bytes.entries()) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.throws(() => seal.open('place', `v1.${changed.toString('base64url')}`), SealBroken, `byte ${index}`);
  }
});
