import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { SECRET } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';
import { connect, enter, newCallServer, setRoles } from './call.ts';
import { sign } from './sign.ts';

const now = () => Math.floor(Date.now() / 1_000);

test('a token that expires is announced, and its holder removed when no other came (SPEC:P57, SPEC:P59)', async t => {
  const server = await newCallServer(t, { tokenExpiryNotice: '5s', tokenExpiryGrace: '0s', tokenClockTolerance: '0s' });
  const host = await enter(t, server, { user: 'hanna', role: 'host' });
  const alice = await enter(t, server, { user: 'alice', claims: { exp: now() + 2 } });
  const { seconds, grace } = await alice.got<{ seconds: number; grace: number }>('token-expiring');
  assert.ok(seconds <= 2 && grace === 0);
  assert.equal(await alice.close(), 4006);
  const { reason } = await host.got<{ reason: string }>('participant-left');
  assert.equal(reason, 'expired');
});

test('another token keeps them in, as the same participant with the same tracks; one of somebody else does not (SPEC:P58)', async t => {
  const server = await newCallServer(t, { tokenExpiryNotice: '5s', tokenExpiryGrace: '0s', tokenClockTolerance: '0s' });
  const exp = now() + 2;
  const alice = await enter(t, server, { user: 'alice', claims: { exp } });
  await alice.settled();
  const before = server.live.participants('default', 'r');
  for (const [claims, why] of [
    [{ user_id: 'mallory', room: 'r' }, 'another user'],
    [{ user_id: 'alice', room: 'elsewhere' }, 'another room'],
    [{ user_id: 'alice', room: 'r', exp: now() - 10 }, 'an expired one'],
  ] as const) {
    const refused = alice.errors().length;
    alice.send({ event: 'token', data: { token: await sign(claims, SECRET) } });
    await alice.until(() => alice.errors().length > refused, why);
    assert.equal(alice.errors().at(-1), 'token-refused', why);
  }
  alice.send({ event: 'token', data: { token: await sign({ user_id: 'alice', room: 'r', user_type: 'viewer' }, SECRET) } });
  await alice.got('token-accepted');
  const { role } = await alice.got<{ role: string }>('rights'); // the new one says less
  assert.equal(role, 'viewer');
  const bystander = await enter(t, server, { user: 'bob', claims: { exp: exp + 1 } });
  await bystander.close(); // by then alice's first token has expired, too
  const after = server.live.participants('default', 'r');
  assert.deepEqual(
    after?.map(({ id }) => id),
    before?.map(({ id }) => id),
  );
  assert.equal(alice.closed, undefined);
});

test('a revocation that is written to the store ends running calls within a second (SPEC:P60)', async t => {
  const server = await newCallServer(t);
  const [alice, bob] = [
    await enter(t, server, { user: 'alice', claims: { jti: 'j1' } }),
    await enter(t, server, { user: 'bob' }),
  ];
  await Promise.all([alice.settled(), bob.settled()]);
  const all = { userId: undefined, room: undefined, issuedBefore: undefined, expiresAt: undefined };
  const started = performance.now();
  await server.platform.store.revocations.add({ project: 'default', jti: 'j1', reason: 'stolen', ...all });
  assert.equal(await alice.close(), 4007);
  assert.ok(performance.now() - started < 1_000);
  assert.equal((await bob.got<{ reason: string }>('participant-left')).reason, 'revoked');
});

test('a project’s new table acts on its running calls (SPEC:P50)', async t => {
  const server = await newCallServer(t);
  const alice = await enter(t, server, { user: 'alice' });
  await alice.settled();
  assert.equal(server.plane.tracks.size, 2);
  await setRoles(server, { guest: ['receive'] });
  await alice.until(() => alice.seen.filter(({ event }) => event === 'rights').length === 2, 'both notices');
  assert.equal(server.plane.tracks.size, 0);
});

test('a ban outlives the removal, and is written down (SPEC:P53)', async t => {
  const server = await newCallServer(t);
  const host = await enter(t, server, { user: 'hanna', role: 'host' });
  const guest = await enter(t, server, { user: 'gus' });
  await Promise.all([host.settled(), guest.settled()]);
  host.moderate({ action: 'remove', participant: guest.id, ban: true });
  assert.equal(await guest.close(), 4002);
  const token = await sign({ user_id: 'gus', room: 'r' }, SECRET);
  const { status, body } = await refusalOf(`${server.webSocketUrl}?token=${token}`);
  assert.deepEqual([status, body.error], [403, 'banned']);
});

test('of 200 who come at the same time into a room of 50 exactly 50 get in (SPEC:P22)', async t => {
  const server = await newCallServer(t, { maxParticipantsPerRoom: 50 });
  const sockets = await Promise.all(Array.from({ length: 200 }, (_, index) => connect(t, server, { user: `u${index}` })));
  const outcomes = await Promise.all(
    sockets.map(async socket => {
      socket.on('error', () => {});
      const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
      const opened = once(socket, 'message').then(() => 101);
      for (const outcome of [refused, opened]) outcome.catch(() => undefined);
      return Promise.race([refused, opened]);
    }),
  );
  const of = (status: number) => outcomes.filter(each => each === status).length;
  assert.deepEqual([of(101), of(403)], [50, 150]);
  assert.equal(server.live.participants('default', 'r')?.length, 50);
});
