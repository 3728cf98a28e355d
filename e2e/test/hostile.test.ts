import { strict as assert } from 'node:assert';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { newServer, type Server } from '../harness/server.ts';

const PACKETS = 20_000;

test('a call goes on, and memory does not grow, while strangers attack every door', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ann.page, { people: 1 });
  await receives(ben.page, { people: 1 });
  const before = await residentBytes(server.pid);

  await attack(server);
  await keepsReceiving(ann.page, 30);
  await keepsReceiving(ben.page, 30);
  const warm = await residentBytes(server.pid);
  await attack(server);
  await attack(server);
  await keepsReceiving(ann.page, 30);
  const after = await residentBytes(server.pid);
  assert.ok(after - warm < 32 * 2 ** 20, `memory grew from ${before} over ${warm} to ${after} bytes`);
  assert.deepEqual(await server.rooms(), [{ room_id: 'red', peer_count: 2 }]);
});

async function attack(server: Server): Promise<void> {
  await Promise.all([badTokens(server), strangersOnMedia(server), rudeMember(server)]);
}

async function badTokens({ origin }: Server): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const tries = Array.from({ length: 25 }, (_, index) =>
      fetch(`${origin}/aq_server/websocket?token=${'x'.repeat(1 + index * 300)}`),
    );
    for (const response of await Promise.all(tries)) {
      assert.ok(response.status === 401 || response.status === 431, `answered ${response.status}`);
      await response.text();
    }
  }
}

/** Datagrams that look like STUN, DTLS, RTP and nothing at all, to the port that the call uses. */
async function strangersOnMedia(server: Server): Promise<void> {
  const port = await mediaPort(server);
  const socket = createSocket('udp4');
  const firstBytes = [0x00, 0x16, 0x17, 0x80, 0x90, 0xff];
  for (let sent = 0; sent < PACKETS; sent++) {
    const packet = Buffer.alloc(20 + (sent % 1_200), sent % 251);
    packet[0] = firstBytes[sent % firstBytes.length] ?? 0;
    if (packet[0] === 0) packet.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42], 0); // a check without a password
    await new Promise<void>((resolve, reject) =>
      socket.send(packet, port, '127.0.0.1', error => (error ? reject(error) : resolve())),
    );
  }
  socket.close();
}

/** Of the candidates in an offer. */
async function mediaPort(server: Server): Promise<number> {
  const socket = new WebSocket(server.socketUrl(server.token({ user_id: 'scout', room: 'scouts' })));
  const offer = await new Promise<string>((resolve, reject) => {
    socket.addEventListener('message', event => resolve(String(event.data)));
    socket.addEventListener('error', () => reject(new Error('the scout was refused')));
  });
  const closed = new Promise(resolve => socket.addEventListener('close', resolve));
  socket.close();
  await closed;
  const port = Number(/candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/i.exec(offer)?.[1]);
  assert.ok(port > 0, `no candidate of the loopback address in ${offer}`);
  return port;
}

/** One with a valid token who says everything wrong, in the same room as the others. */
async function rudeMember(server: Server): Promise<void> {
  const socket = new WebSocket(server.socketUrl(server.token({ user_id: 'rude', room: 'rude' })));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the rude member was refused')));
  });
  const errors: string[] = [];
  const closed = new Promise<CloseEvent>(resolve => socket.addEventListener('close', resolve));
  socket.addEventListener('message', event => {
    const { event: name, data } = JSON.parse(String(event.data)) as { event: string; data: string };
    if (name === 'error') errors.push((JSON.parse(data) as { code: string }).code);
  });
  const answer = (sdp: string) => JSON.stringify({ event: 'answer', data: JSON.stringify({ type: 'answer', sdp }) });
  const rude = [
    '',
    '{',
    '[]',
    '"x"',
    'null',
    '{"event":"nonsense"}',
    '{"event":"chat","data":7}',
    answer('v=0\r\njunk'),
    answer('m='.repeat(50_000)),
  ];
  for (let round = 0; round < 200 && socket.readyState === WebSocket.OPEN; round++) for (const text of rude) socket.send(text);
  if (socket.readyState === WebSocket.OPEN) socket.send('x'.repeat(2 ** 20));
  const { code } = await closed;
  assert.ok(code === 1008 || code === 1009, `closed with ${code}`);
  assert.ok(errors.includes('not-json') && errors.includes('invalid-answer'), `told only ${[...new Set(errors)]}`);
}

/** Of the process (Linux, proc(5)). */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}
