import assert from 'node:assert/strict';
import { StoreConflict } from '../../src/store/errors.ts';
import { overBothDatabases } from '../support/both-databases.ts';

overBothDatabases('what a store holds', {
  'a project is there once': async (_t, { open }) => {
    const { projects } = await open();
    await projects.create('school', 'The school');
    await assert.rejects(projects.create('school', 'Another'), StoreConflict);
    assert.deepEqual(
      (await projects.list()).map(({ id, name }) => [id, name]),
      [
        ['default', 'Default'],
        ['school', 'The school'],
      ],
    );
    assert.equal(await projects.find('nobody'), undefined);
  },

  'roles are replaced as a whole': async (_t, { open }) => {
    const { roles } = await open();
    await roles.replace('default', { guest: ['receive'], teacher: ['receive', 'chat'] });
    await roles.replace('school', { pupil: [] });
    await roles.replace('default', { guest: ['chat'] });
    assert.deepEqual(await roles.of('default'), { guest: ['chat'] });
    assert.deepEqual(
      await roles.all(),
      new Map([
        ['default', { guest: ['chat'] }],
        ['school', { pupil: [] }],
      ]),
    );
  },

  'a room keeps its settings, and its day of birth': async (_t, { open }) => {
    let now = 1_000;
    const { rooms } = await open({ now: () => now });
    await rooms.create('default', 'r', { lobby: true, metadata: { Ä: [1, null] } });
    await assert.rejects(rooms.create('default', 'r', {}), StoreConflict);
    now = 2_000;
    await rooms.put('default', 'r', { max_participants: 5 });
    const expected = { project: 'default', name: 'r', settings: { max_participants: 5 }, createdAt: 1_000, updatedAt: 2_000 };
    assert.deepEqual(await rooms.find('default', 'r'), expected);
    assert.equal(await rooms.find('school', 'r'), undefined);
    assert.equal(await rooms.remove('default', 'r'), true);
    assert.equal(await rooms.remove('default', 'r'), false);
  },

  'rooms are listed in pages, by the bytes of their names': async (_t, { open }) => {
    const { rooms } = await open();
    const names = ['B', 'Z', 'a', 'a b', 'ä', 'é', '日本'];
    for (const name of names.toReversed()) await rooms.put('default', name, {});
    await rooms.put('school', 'b', {});
    const pages: string[][] = [];
    for (let after = ''; ; ) {
      const page = (await rooms.list('default', { after, limit: 3 })).map(({ name }) => name);
      if (page.length === 0) break;
      pages.push(page);
      after = page.at(-1) ?? '';
    }
    assert.deepEqual(pages, [names.slice(0, 3), names.slice(3, 6), names.slice(6)]);
  },

  'a ban replaces the one before, and can be lifted': async (_t, { open }) => {
    const { bans } = await open();
    const ban = { project: 'default', room: 'r', userId: 'mallory', reason: 'noise', expiresAt: undefined };
    await bans.put(ban);
    await bans.put({ ...ban, reason: 'more noise', expiresAt: Date.now() + 1_000 });
    assert.deepEqual(
      (await bans.list('default', 'r')).map(({ userId, reason }) => [userId, reason]),
      [['mallory', 'more noise']],
    );
    assert.equal(await bans.lift('default', 'r', 'mallory'), true);
    assert.equal(await bans.lift('default', 'r', 'mallory'), false);
    assert.equal(await bans.find('default', 'r', 'mallory'), undefined);
  },

  'a revocation says exactly which tokens it means, until they have expired': async (_t, { open }) => {
    let now = 1_000;
    const { revocations, prune } = await open({ now: () => now });
    const nothing = { jti: undefined, userId: undefined, room: undefined, issuedBefore: undefined };
    const one = await revocations.add({ ...nothing, project: 'default', jti: 'j', expiresAt: 5_000, reason: 'lost' });
    const two = await revocations.add({
      ...nothing,
      project: 'default',
      userId: 'u',
      issuedBefore: 900,
      expiresAt: undefined,
      reason: '',
    });
    assert.deepEqual(await revocations.find(one.id), one);
    assert.equal((await revocations.all()).length, 2);
    now = 5_000;
    assert.deepEqual(await revocations.all(), [two]);
    await prune();
    assert.equal(await revocations.find(one.id), undefined);
  },

  'an issued token is remembered by its words': async (_t, { open }) => {
    const { tokens } = await open();
    const expiresAt = Date.now() + 60_000;
    const token = {
      ...{ jti: 'j', project: 'default', key: 'key_1', userId: 'u', room: 'r', role: undefined, permissions: ['chat'] },
      ...{ issuedAt: 1, expiresAt, refreshedFrom: undefined },
    };
    await tokens.add(token);
    await tokens.add({ ...token, userId: 'other' }); // told twice: the first one counts
    assert.deepEqual(await tokens.find('default', 'j'), token);
    assert.equal(await tokens.find('school', 'j'), undefined);
  },

  'of several requests with the same idempotency key one is carried out': async (_t, { open }) => {
    let now = 1_000;
    const store = await open({ now: () => now });
    const { idempotency } = store;
    const begin = (fingerprint = 'a') => idempotency.begin('default', 'k', fingerprint, 10_000);
    const states = (await Promise.all([begin(), begin(), begin()])).map(({ state }) => state);
    assert.deepEqual(states.sort(), ['new', 'running', 'running']);
    await idempotency.finish('default', 'k', { status: 201, answer: '{}' });
    assert.deepEqual(await begin(), { state: 'done', status: 201, answer: '{}' });
    assert.deepEqual(await begin('b'), { state: 'other' });
    assert.deepEqual(await idempotency.begin('school', 'k', 'a', 10_000), { state: 'new' });
    now += 10_000;
    assert.deepEqual(await idempotency.begin('school', 'k', 'a', 10_000), { state: 'new' }, 'one that never finished');
    await idempotency.forget('default', 'k');
    assert.deepEqual(await begin(), { state: 'new' });
  },
});
