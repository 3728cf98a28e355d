import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { newServer } from '../support/new-server.ts';
import { newCertificate, newFolder } from './tls/certificates.ts';

describe('slow requests', { concurrency: true }, () => {
  for (const [name, bytes] of [
    ['says nothing', ''],
    ['never ends the head of its request', 'GET /ws?token=x HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'never sends the body that it promised',
      'POST /aq_server/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ] as const) {
    test(`a client that ${name} is cut off in 20 s at most`, { timeout: 30_000 }, async t => {
      const server = await newServer(t);
      const started = performance.now();
      const socket = connect(server.port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.on('error', () => {}).resume();
      socket.write(bytes);
      await new Promise<void>(resolve => socket.on('close', () => resolve()));
      assert.ok(performance.now() - started < 20_000);
    });
  }

  test('a client that never begins the handshake of TLS is cut off in 20 s at most', { timeout: 30_000 }, async t => {
    const { cert, key } = newCertificate(newFolder(t), 'slow');
    const server = await newServer(t, { tlsCert: cert, tlsKey: key });
    const started = performance.now();
    const socket = connect(server.port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => {}).resume();
    await new Promise<void>(resolve => socket.on('close', () => resolve()));
    assert.ok(performance.now() - started < 20_000);
  });
});
