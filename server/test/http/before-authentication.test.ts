import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { MAX_WAITING } from '../../src/http/waiting-room.ts';
import { newClient } from '../support/new-client.ts';
import { newServer, type TestServer } from '../support/new-server.ts';

function open(t: TestContext, server: TestServer): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {}); // being cut off is what these tests wait for
  t.after(() => socket.destroy());
  return socket;
}

/** All that comes until the server closes. */
async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', chunk => {
    text += chunk;
  });
  await closed(socket);
  return text;
}

/** `once` would reject where the connection is reset. */
const closed = (socket: Socket) =>
  new Promise<void>(resolve => (socket.destroyed ? resolve() : socket.once('close', () => resolve())));

/** Somebody who is in a call still is, and is answered. */
async function callGoesOn(t: TestContext, server: TestServer, attack: () => Promise<void>) {
  const client = await newClient(t, server, { user: 'in-a-call', extended: true });
  await attack();
  client.send({ event: 'ping' });
  await client.nextOf('pong');
}

test('a token of ten megabytes is cut off at the head of the request', async t => {
  const server = await newServer(t);
  await callGoesOn(t, server, async () => {
    const socket = open(t, server);
    const answer = answerOf(socket);
    socket.write('GET /ws?token=');
    const chunk = 'a'.repeat(64 * 1024);
    for (let sent = 0; sent < 10_000_000 && socket.writable; sent += chunk.length) {
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed(socket)]);
    }
    const text = await answer;
    if (text !== '') assert.match(text, /^HTTP\/1\.1 431 .*"head-too-large"/s); // a reset may overtake it
  });
  assert.equal(server.rooms.members.length, 1);
});

test('bytes that are no HTTP are answered once and cut off', async t => {
  const server = await newServer(t);
  for (const bytes of [
    '\u0000\u0001\u0002',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
    'GET / HTTP/9.9\r\n\r\n',
    'SSH-2.0-x\r\n\r\n',
  ]) {
    const socket = open(t, server);
    const answer = answerOf(socket);
    socket.write(bytes, 'latin1');
    assert.match(await answer, /^HTTP\/1\.1 400 /);
  }
});

test('frames that come with the handshake do nothing before the token is checked', async t => {
  const server = await newServer(t);
  const socket = open(t, server);
  const answer = answerOf(socket);
  const head = ['GET /ws HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  socket.write(`${[...head, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n')}\r\n\r\n`);
  socket.write(Buffer.alloc(1024 * 1024, 0x81));
  assert.match(await answer, /^HTTP\/1\.1 401 .*"token-missing"/s);
  assert.equal(server.rooms.members.length, 0);
});

test('more connections than the bound are cut off while calls go on, and leave nothing behind', async t => {
  const server = await newServer(t);
  await callGoesOn(t, server, async () => {
    const sockets = Array.from({ length: MAX_WAITING }, () => open(t, server));
    await Promise.all(sockets.map(socket => once(socket, 'connect')));
    await Promise.all(Array.from({ length: 50 }, () => closed(open(t, server).resume())));
    assert.equal(sockets.filter(socket => !socket.destroyed).length, MAX_WAITING);
    const gone = Promise.all(sockets.map(closed));
    for (const socket of sockets) socket.destroy();
    await gone;
  });
  await newClient(t, server, { user: 'afterwards' });
});

test('a flood of bad tokens is refused one by one, and counted', async t => {
  const server = await newServer(t);
  await callGoesOn(t, server, async () => {
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => (await fetch(`${server.origin}/ws?token=a.${index}.c`)).status),
    );
    assert.deepEqual(new Set(statuses), new Set([401]));
  });
});
