import assert from 'node:assert/strict';
import { overBothDatabases } from '../support/both-databases.ts';
import type { TestClient } from '../support/new-client.ts';
import { newWholeServer, within } from '../support/new-whole-server.ts';

const SECOND = 1_000; // ms

/** Whom a client is told of when it comes in. */
async function othersOf(client: TestClient): Promise<string[]> {
  const { data } = (await client.nextOf('welcome')) as { data: { participants: { userId: string }[] } };
  return data.participants.map(({ userId }) => userId);
}

overBothDatabases('a write on one server acts on another', {
  'a key opens within a second of its making, and opens nothing a second after it was revoked': async (t, { open, settings }) => {
    const [store, server] = [await open(), await newWholeServer(t, settings)];
    const key = await store.keys.create('default', '');
    const refusal = () => server.refusal({ by: key });
    await within(SECOND, refusal, undefined);
    await store.keys.revoke('default', key.id);
    await within(SECOND, refusal, 'token-issuer');
  },

  'rotated, both secrets open, and after the overlap only the new one': async (t, { open, settings }) => {
    const [store, server] = [await open(), await newWholeServer(t, { ...settings, tokenClockTolerance: '0s' })];
    const old = await store.keys.create('default', '');
    await within(SECOND, () => server.refusal({ by: old }), undefined);
    const rotated = await store.keys.rotate('default', old.id, 1_500);
    assert.ok(rotated);
    await within(SECOND, () => server.refusal({ by: rotated }), undefined);
    assert.equal(await server.refusal({ by: old }), undefined);
    await within(1_500, () => server.refusal({ by: old }), 'token-signature');
    assert.equal(await server.refusal({ by: rotated }), undefined);
  },

  'a token that was taken back opens nothing a second later, and a new one does': async (t, { open, settings }) => {
    const [store, server] = [await open(), await newWholeServer(t, settings)];
    const nothing = { jti: undefined, userId: undefined, room: undefined, issuedBefore: undefined, expiresAt: undefined };
    await store.revocations.add({ ...nothing, project: 'default', jti: 'lost', reason: '' });
    await within(SECOND, () => server.refusal({ claims: { jti: 'lost' } }), 'token-revoked');
    assert.equal(await server.refusal({ claims: { jti: 'found' } }), undefined);
    await store.revocations.add({ ...nothing, project: 'school', userId: 'alice', reason: '' });
    await store.revocations.add({ ...nothing, project: 'default', userId: 'mallory', reason: '' });
    await within(SECOND, () => server.refusal({ user: 'mallory' }), 'token-revoked');
    assert.equal(await server.refusal({ user: 'alice' }), undefined, 'she was revoked in another project');
  },

  'rooms of one project do not exist for another, even with the same name': async (t, { open, settings }) => {
    const [store, server] = [await open(), await newWholeServer(t, settings)];
    await store.projects.create('school', 'The school');
    const key = await store.keys.create('school', '');
    await within(SECOND, () => server.refusal({ by: key }), undefined);
    const [here, there] = [await server.join(t, { user: 'alice' }), await server.join(t, { user: 'bob', by: key })];
    for (const client of [here, there]) assert.deepEqual(await othersOf(client), []);
    const same = await server.join(t, { user: 'alice', by: key }); // the same user id is another person there
    assert.deepEqual(await othersOf(same), ['bob']);
  },
});
