import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Liveness, tickInterval } from '../../src/signalling/aq/liveness.ts';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';

const QUICK = { keepalivePing: '300ms', keepalivePong: '1s' } as const;

test('a client that stops answering is gone within KEEPALIVE_PONG, with reason timeout (SPEC:P23)', async t => {
  const server = await newServer(t, QUICK);
  const client = await newClient(t, server, { autoPong: false });
  const started = performance.now();
  assert.equal(await server.rooms.left('alice'), 'timeout');
  assert.ok(performance.now() - started <= 1_000, `after ${performance.now() - started} ms`);
  assert.equal((await client.closed).code, 4003);
});

test('a client whose network is unplugged is gone within KEEPALIVE_PONG, and its socket with it (SPEC:P23)', async t => {
  const server = await newServer(t, QUICK);
  const client = await newClient(t, server);
  client.socket.pause(); // neither reads nor answers, and its socket stays open
  assert.equal(await server.rooms.left('alice'), 'timeout');
});

test('pongs alone keep a client that says nothing (SPEC:P23)', async t => {
  const server = await newServer(t, QUICK);
  const client = await newClient(t, server);
  const pings = Promise.withResolvers<void>();
  let count = 0;
  client.socket.on('ping', () => ++count === 6 && pings.resolve()); // 1.8 s: almost twice KEEPALIVE_PONG
  await pings.promise;
  assert.equal(server.rooms.members[0]?.left, undefined);
});

test('messages alone keep a client that answers no pings: a browser cannot see them (SPEC:P23, SPEC:P39)', async t => {
  const server = await newServer(t, QUICK);
  const client = await newClient(t, server, { autoPong: false, extended: true });
  const pings = Promise.withResolvers<void>();
  let count = 0;
  client.socket.on('ping', () => {
    client.send({ event: 'ping' });
    if (++count === 6) pings.resolve();
  });
  await pings.promise;
  assert.equal(server.rooms.members[0]?.left, undefined);
  await client.nextOf('pong');
});

test('a client that does not read is closed after WRITE_DEADLINE, and others notice nothing (SPEC:P27)', async t => {
  const server = await newServer(t, { writeDeadline: '300ms' });
  const slow = await newClient(t, server, { user: 'slow' });
  const bystander = await newClient(t, server, { user: 'bystander', extended: true });
  slow.socket.pause();
  const outlet = server.rooms.members[0]?.outlet;
  const large = { type: 'offer', sdp: 'a'.repeat(100_000) } as const;
  for (let count = 0; count < 200 && server.rooms.members[0]?.left === undefined; count += 1) {
    outlet?.notify(large); // more than the system's buffers take
    await new Promise(resolve => setImmediate(resolve));
  }
  assert.equal(await server.rooms.left('slow'), 'disconnected');
  bystander.send({ event: 'ping' });
  await bystander.nextOf('pong');
  assert.match(server.log.join(''), /tooSlow/);
});

test('what waits for a client is bounded, deadline or not (SPEC:P27)', async t => {
  const server = await newServer(t, { writeDeadline: '5m' });
  const slow = await newClient(t, server, { user: 'slow' });
  slow.socket.pause();
  const outlet = server.rooms.members[0]?.outlet;
  const before = process.memoryUsage().external;
  for (let count = 0; count < 1_000; count += 1) outlet?.notify({ type: 'offer', sdp: 'a'.repeat(100_000) });
  assert.equal(await server.rooms.left('slow'), 'disconnected');
  assert.ok(process.memoryUsage().external - before < 32 * 1024 * 1024);
});

const settings = fc
  .tuple(fc.integer({ min: 100, max: 60_000 }), fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 100, max: 60_000 }))
  .map(([keepalivePing, more, writeDeadline]) => ({
    keepalivePing,
    keepalivePong: Math.max(500, keepalivePing + more),
    writeDeadline,
  }));

test('whatever the settings, silence ends within KEEPALIVE_PONG of the last sign of life, and not without reason', () => {
  fc.assert(
    fc.property(settings, fc.integer({ min: 0, max: 100_000 }), (given, heard) => {
      const tick = tickInterval(given);
      const liveness = new Liveness(given, 0);
      liveness.heard(heard);
      let now = heard;
      while (liveness.check(now) !== 'silent') now += tick;
      assert.ok(now - heard <= given.keepalivePong, `${now - heard} ms`);
      assert.ok(now - heard > given.keepalivePong - 2 * tick, `${now - heard} ms`);
    }),
  );
});

test('whatever the settings, a client is pinged once per KEEPALIVE_PING, a tick late at most', () => {
  fc.assert(
    fc.property(settings, given => {
      const tick = tickInterval(given);
      const liveness = new Liveness(given, 0);
      let last = 0;
      for (let now = 0; now < given.keepalivePing * 5; now += tick) {
        liveness.heard(now);
        if (liveness.check(now) !== 'ping') continue;
        assert.ok(now - last >= given.keepalivePing && now - last < given.keepalivePing + tick);
        last = now;
      }
      assert.ok(last > 0);
    }),
  );
});

test('only a client that takes nothing at all is stalled, not one that is slow', () => {
  const liveness = new Liveness({ keepalivePing: 30_000, keepalivePong: 60_000, writeDeadline: 5_000 }, 0);
  for (let now = 0; now <= 20_000; now += 4_000) {
    liveness.sending(now);
    liveness.sending(now);
    assert.equal(liveness.check(now + 3_999), 'fine');
    liveness.sent(now + 4_000);
  }
  assert.equal(liveness.check(28_999), 'fine');
  assert.equal(liveness.check(29_000), 'stalled');
});
