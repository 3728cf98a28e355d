import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, ProtocolError } from '@aqlinks/protocol';
import fc from 'fast-check';
import { ERROR_RATE, FANNED_OUT_RATE, MESSAGE_RATE } from '../../src/signalling/aq/limits.ts';
import { TokenBucket } from '../../src/signalling/aq/token-bucket.ts';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';

test('a flood of chat is dropped with rate-limited beyond a burst, and the call goes on (SPEC:P12)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  for (let count = 0; count < FANNED_OUT_RATE.burst + 5; count += 1) client.send({ event: 'chat', data: `${count}` });
  assert.deepEqual(await client.nextError().then(({ code, event }) => [code, event]), ['rate-limited', 'chat']);
  client.send({ event: 'ping' });
  await client.nextOf('pong');
  const { calls = [] } = server.rooms.members[0] ?? {};
  assert.ok(calls.length >= FANNED_OUT_RATE.burst && calls.length < FANNED_OUT_RATE.burst + 5);
});

test('a flood of messages ends with 1008, and others notice nothing (SPEC:P12)', async t => {
  const server = await newServer(t);
  const bystander = await newClient(t, server, { user: 'bystander', extended: true });
  const client = await newClient(t, server);
  for (let count = 0; count < MESSAGE_RATE.burst + 10 * ERROR_RATE.burst; count += 1)
    client.send({ event: 'candidate', data: '{}' });
  assert.equal((await client.closed).code, 1008);
  assert.equal(await server.rooms.left('alice'), 'disconnected');
  bystander.send({ event: 'ping' });
  await bystander.nextOf('pong');
});

test('a flood of pings is no way around the rate', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  for (let count = 0; count < MESSAGE_RATE.burst + 10 * ERROR_RATE.burst; count += 1) client.socket.ping();
  assert.ok([1006, 1008].includes((await client.closed).code)); // ws ends it first where the pongs cannot leave as fast
  assert.equal(await server.rooms.left('alice'), 'disconnected');
});

test('invalid messages without end close with 1008; an honest mistake now and then does not (SPEC:P12)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  for (let count = 0; count < ERROR_RATE.burst; count += 1) client.send('nonsense');
  for (let count = 0; count < ERROR_RATE.burst; count += 1) assert.equal((await client.nextError()).code, 'not-json');
  assert.equal(client.socket.readyState, client.socket.OPEN);
  for (let count = 0; count < 20; count += 1) client.send('nonsense');
  assert.equal((await client.closed).code, 1008);
});

test('whatever a client sends, it gets an error of the protocol or nothing, and another call goes on (SPEC:P9)', async t => {
  const server = await newServer(t);
  const bystander = await newClient(t, server, { user: 'bystander', extended: true });
  const event = fc.constantFrom(
    'answer',
    'candidate',
    'chat',
    'publish',
    'unpublish',
    'mute',
    'ping',
    'offer',
    '__proto__',
    'constructor',
  );
  const frame = fc.oneof(
    fc.string({ unit: 'binary' }).map(text => text.toWellFormed()),
    fc.json(),
    fc
      .record({ event, data: fc.oneof(fc.jsonValue(), fc.json(), fc.string()) }, { requiredKeys: ['event'] })
      .map(value => JSON.stringify(value)),
    fc.constant('['.repeat(100_000)),
    fc.constant(`{"event":"chat","data":${'{"a":'.repeat(20_000)}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 20 }), async frames => {
      const client = await newClient(t, server, { user: 'hostile', extended: true });
      for (const text of frames) client.send(text);
      client.send({ event: 'leave' });
      for (;;) {
        const message = await client.next().catch(() => undefined); // closed
        if (message === undefined) break;
        if (message.event === 'error') {
          assert.ok(ErrorCode.options.includes(ProtocolError.parse(JSON.parse(String(message.data))).code));
        }
      }
      assert.equal((await client.closed).code, 1000);
    }),
    { numRuns: 60 },
  );
  bystander.send({ event: 'ping' });
  await bystander.nextOf('pong');
  assert.doesNotMatch(server.log.join(''), /A bug of aqlinks/);
});

test('a bucket gives no more than its burst and its rate, whenever it is asked', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 300 });
  fc.assert(
    fc.property(waits, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (steps, burst, perSecond) => {
      const bucket = new TokenBucket({ burst, perSecond }, 0);
      let now = 0;
      let taken = 0;
      for (const step of steps) {
        now += step;
        if (bucket.take(now)) taken += 1;
        assert.ok(taken <= burst + (now / 1_000) * perSecond + 1e-6);
      }
    }),
  );
});
