import { strict as assert } from 'node:assert';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Claims, DEFAULT_ROLES, narrowed, RIGHTS, RoleTable, RoomSettings, rightsOfRole } from '../src/index.ts';

describe('rights', () => {
  it('are a role’s by the first table that knows it; an unknown role has a guest’s', () => {
    assert.deepEqual(rightsOfRole('host'), RIGHTS);
    assert.deepEqual(rightsOfRole('viewer', { host: [] }), DEFAULT_ROLES.viewer);
    assert.deepEqual(rightsOfRole('viewer', { viewer: [] }, { viewer: ['chat'] }), []);
    assert.deepEqual(rightsOfRole('teacher', undefined, { teacher: ['end'] }), ['end']);
    assert.deepEqual(rightsOfRole('nobody-knows', { guest: ['receive'] }), ['receive']);
    for (const name of ['constructor', '__proto__', 'toString']) assert.deepEqual(rightsOfRole(name), DEFAULT_ROLES.guest);
  });

  it('are narrowed by a token’s permissions, never widened', () => {
    assert.deepEqual([...narrowed(DEFAULT_ROLES.viewer, undefined)], DEFAULT_ROLES.viewer);
    assert.deepEqual([...narrowed(DEFAULT_ROLES.viewer, ['chat', 'end'])], ['chat']);
    const rights = fc.subarray([...RIGHTS]);
    fc.assert(
      fc.property(rights, rights, (role, permissions) => {
        for (const right of narrowed(role, permissions)) assert.ok(role.includes(right) && permissions.includes(right));
      }),
    );
  });

  it('come in a token as names, of which unknown ones are ignored', () => {
    const claims = (permissions: unknown) => Claims.safeParse({ user_id: 'a', permissions }).data?.permissions;
    assert.deepEqual(claims(['chat', 'fly', 'chat']), ['chat']);
    assert.deepEqual(claims([]), []);
    assert.equal(claims(['x'.repeat(65)]), undefined);
    assert.equal(Claims.safeParse({ user_id: 'a', permissions: Array(33).fill('chat') }).success, false);
    assert.equal(Claims.safeParse({ user_id: 'a', permissions: 'chat' }).success, false);
  });
});

describe('settings of a room', () => {
  it('are bounded, and unknown ones are refused', () => {
    const fine = (settings: object) => RoomSettings.safeParse(settings).success;
    assert.ok(fine({}));
    assert.ok(
      fine({ max_participants: 50, empty_timeout: 0, lobby: true, locked: false, metadata: { a: [1] }, roles: { host: [] } }),
    );
    assert.ok(!fine({ max_participant: 50 }));
    assert.ok(!fine({ max_participants: 0 }));
    assert.ok(!fine({ metadata: 'x'.repeat(4_095) }));
    assert.ok(!fine({ roles: { host: ['fly'] } }));
    assert.ok(!RoleTable.safeParse(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`r${index}`, []]))).success);
  });
});
