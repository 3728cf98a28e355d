import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { loadConfiguration } from '../../src/config/load.ts';
import { startNativeMediaPlane } from '../../src/media/native.ts';
import { ask } from '../../src/reach/ask.ts';
import { probe } from '../../src/reach/probe.ts';
import { announcedAddresses, serverOf } from '../../src/reach/public-address.ts';
import { readBindingSuccess } from '../../src/reach/stun.ts';

test('every address that a media plane announces answers a check, over UDP and TCP', async t => {
  const plane = startNativeMediaPlane({ workers: 2, port: 0, addresses: ['127.0.0.1', '::1'], tcp: true });
  t.after(() => plane.close());
  const probed = await probe(plane);
  assert.deepEqual(probed.map(({ ip, protocol, reached }) => `${ip} ${protocol} ${reached}`).sort(), [
    ...['127.0.0.1 tcp true', '127.0.0.1 tcp true', '127.0.0.1 udp true', '127.0.0.1 udp true'],
    ...['::1 tcp true', '::1 tcp true', '::1 udp true', '::1 udp true'],
  ]);
});

test('an address where nobody answers is not reached, and a check without our password is answered by nobody', async t => {
  const plane = startNativeMediaPlane({ workers: 1, port: 0, addresses: ['127.0.0.1'], tcp: true });
  t.after(() => plane.close());
  const { port = 0 } = plane.workers[0]?.addresses[0] ?? {};
  const silent = await Promise.all(
    (['udp', 'tcp'] as const).map(protocol =>
      ask({ host: '127.0.0.1', port, protocol, credentials: { username: 'a:b', password: 'c' } }),
    ),
  );
  assert.deepEqual(silent, [undefined, undefined]);
  const elsewhere = startNativeMediaPlane({ workers: 1, port: 0, addresses: ['127.0.0.1'], announcedPort: 9, tcp: true });
  t.after(() => elsewhere.close());
  assert.ok((await probe(elsewhere)).every(({ reached }) => !reached));
});

test('a STUN server says which address is to be announced; one that is silent stops the start with a sentence', async t => {
  const url = await newStunServer(t, '203.0.113.9');
  assert.deepEqual(await announcedAddresses(['192.0.2.1', url, '203.0.113.9']), ['192.0.2.1', '203.0.113.9']);
  const nobody = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => nobody.close());
  await once(nobody, 'listening');
  await assert.rejects(announcedAddresses([`stun:127.0.0.1:${nobody.address().port}`]), /does not say what address/);
});

test('MEDIA_ADDRESS takes addresses and STUN servers, and nothing else', () => {
  const { mediaAddress } = loadConfiguration({}, { MEDIA_ADDRESS: '192.0.2.1, stun:stun.example.com:3478' });
  assert.deepEqual(mediaAddress, ['192.0.2.1', 'stun:stun.example.com:3478']);
  for (const wrong of ['example.com', 'turn:x:1', '192.0.2.1:40000'])
    assert.throws(() => loadConfiguration({}, { MEDIA_ADDRESS: wrong }), /MEDIA_ADDRESS: .* must be an IPv4 or IPv6 address/);
  assert.deepEqual(serverOf('stun:[2001:db8::1]:99'), { host: '2001:db8::1', port: 99 });
  assert.deepEqual(serverOf('turn:t.example.com?transport=tcp'), { host: 't.example.com', port: 3478 });
});

test('whatever comes back is no success unless it is one', () => {
  const transaction = Buffer.alloc(12, 7);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      assert.equal(readBindingSuccess(Buffer.from(bytes), transaction), undefined);
    }),
  );
});

/** Says to everybody that they are at this address. */
async function newStunServer(t: TestContext, ip: string): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  socket.on('message', (request, { port, address }) => {
    const head = Buffer.from('0101000c2112a442', 'hex');
    const value = Buffer.from('0001000000000000', 'hex');
    value.writeUInt16BE(port ^ 0x2112, 2);
    for (const [index, part] of ip.split('.').entries()) value[4 + index] = Number(part) ^ (head[4 + index] ?? 0);
    socket.send(Buffer.concat([head, request.subarray(8, 20), Buffer.from('00200008', 'hex'), value]), port, address);
  });
  await once(socket, 'listening');
  return `stun:127.0.0.1:${socket.address().port}`;
}
