import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { CLOSE } from '@aqlinks/protocol';
import { newServer, WELCOME } from './support/server.ts';
import { connected, newCall, until } from './support/until.ts';

const RESUMABLE = { ...WELCOME, data: { ...WELCOME.data, resume: 'key' } };

/** SPEC:P65 */
test('a broken socket is gone on from: what the server lacks is sent again, and nobody was away', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const seen: string[] = [];
  call.on('connection', ({ name }) => seen.push(name));
  const first = await server.guest();
  first.send(RESUMABLE);
  await connected(call);
  call.sendChat('arrived');
  assert.deepEqual(await first.next(), { event: 'chat', data: 'arrived' });
  call.sendChat('lost on the way');
  assert.deepEqual(await first.next(), { event: 'chat', data: 'lost on the way' });
  first.send({ event: 'participant-left', data: { participant: 'b1', reason: 'left' } });
  await until(call, ({ participants }) => participants.length === 0);
  first.socket.terminate();
  const second = await server.guest();
  assert.equal(second.resume, 'key/2');
  second.send({ event: 'resumed', data: { received: 1 } });
  assert.deepEqual(await second.next(), { event: 'chat', data: 'lost on the way' });
  await connected(call);
  assert.deepEqual(seen, ['connected', 'resuming', 'connected']);
  assert.equal(call.getSnapshot().self?.id, 'me');
});

test('what is said while the socket is broken waits for the next one', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const first = await server.guest();
  first.send(RESUMABLE);
  await connected(call);
  first.socket.terminate();
  await until(call, ({ connection }) => connection.name === 'resuming');
  const second = await server.guest();
  call.mute('microphone'); // of nothing that is published: says nothing
  second.send({ event: 'resumed', data: { received: 0 } });
  await connected(call);
  call.sendChat('after');
  assert.deepEqual(await second.next(), { event: 'chat', data: 'after' });
});

test('a server that has nobody to go on as welcomes anew', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const first = await server.guest();
  first.send(RESUMABLE);
  await connected(call);
  first.socket.terminate();
  const second = await server.guest();
  second.send({
    ...RESUMABLE,
    data: { ...RESUMABLE.data, resume: 'other', participant: { ...WELCOME.data.participant, id: 'new' } },
  });
  const { self } = await until(call, snapshot => snapshot.self?.id === 'new');
  assert.equal(self?.id, 'new');
  second.socket.terminate();
  assert.equal((await server.guest()).resume, 'other/1', 'the old key and its count are forgotten');
});

test('a close that the server means is no break', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x', reconnect: () => 0 });
  const first = await server.guest();
  first.send(RESUMABLE);
  await connected(call);
  first.socket.close(CLOSE.mediaFailed.code);
  assert.equal((await server.guest()).resume, null);
});

test('when the network changes, a server that does not answer at once is sought over the new one', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const first = await server.guest();
  first.send(RESUMABLE);
  await connected(call);
  globalThis.dispatchEvent(new Event('online'));
  assert.deepEqual(await first.next(), { event: 'ping', data: { received: 1 } });
  const second = await server.guest(); // without an answer
  assert.equal(second.resume, 'key/1');
});
