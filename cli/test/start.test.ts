import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { newFolder, runAqlinks, startAqlinks } from './support/run-aqlinks.ts';

const FREE = ['--server-addr', '127.0.0.1:0', '--media-port', '0'];
const LISTENING = /"pageUrl":"(http:\/\/127\.0\.0\.1:\d+\/aq_server\/)"/;

async function started(t: TestContext, env: Record<string, string> = {}) {
  const server = startAqlinks(t, FREE, { folder: newFolder(t), env });
  const [, page = ''] = await server.prints(LISTENING);
  return { server, page };
}

test('start serves the page and /health, and ends in order on SIGTERM and SIGINT', async t => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { server, page } = await started(t);
    assert.equal((await fetch(page)).status, 200);
    assert.equal((await fetch(new URL('/health', page))).status, 200);
    server.child.kill(signal);
    const { code, stdout, stderr } = await server.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"Closed"/);
  }
});

test('every line of a start without a terminal is JSON, and none has the secret that it made', async t => {
  const folder = newFolder(t);
  const server = startAqlinks(t, [...FREE, '--log-level', 'trace'], { folder });
  await server.prints(LISTENING);
  server.child.kill('SIGTERM');
  const { stdout } = await server.ended;
  for (const line of stdout.trim().split('\n')) JSON.parse(line);
  assert.match(stdout, /made one and kept it in/);
  const { stdout: token } = await runAqlinks(['token', '--user', 'a'], { folder });
  assert.equal(token.trim().split('.').length, 3);
  assert.doesNotMatch(stdout, /[\w-]{43}(?![\w-])/); // 32 bytes in base64url
});

test('a port in use is said with what to do, and exit code 1', async t => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { code, stderr } = await runAqlinks(['start', '--server-addr', `127.0.0.1:${port}`, '--media-port', '0'], {
    folder: newFolder(t),
  });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port} is in use\\. .*SERVER_ADDR`));
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test('production without a strong secret does not start', async t => {
  for (const JWT_SECRET of ['', 'tt55oo77']) {
    const { code, stderr } = await runAqlinks(['start', ...FREE], {
      folder: newFolder(t),
      env: { ENVIRONMENT: 'production', JWT_SECRET },
    });
    assert.equal(code, 1);
    assert.match(stderr, /JWT_SECRET: .*randomBytes/);
    assert.doesNotMatch(stderr, /tt55oo77/);
  }
});

test('production signs no token for the page', async t => {
  const { page } = await started(t, { ENVIRONMENT: 'production', JWT_SECRET: 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA' });
  const response = await fetch(new URL('token', page), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"user_id":"a"}',
  });
  assert.equal(response.status, 404);
});

test('a second signal ends at once what a client holds up', async t => {
  const folder = newFolder(t);
  const server = startAqlinks(t, FREE, { folder });
  const [, page = ''] = await server.prints(LISTENING);
  const token = (await runAqlinks(['token', '--user', 'a'], { folder })).stdout.trim();
  const { hostname, port } = new URL(page);
  const socket = connect(Number(port), hostname); // by hand: it will not answer the close
  t.after(() => socket.destroy());
  const head = [
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`GET /ws?token=${token} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
  await server.prints(/"Joined"/);
  server.child.kill('SIGTERM');
  await server.prints(/a second signal ends it at once/);
  server.child.kill('SIGTERM');
  const { code, stdout } = await server.ended;
  assert.equal(code, 1);
  assert.doesNotMatch(stdout, /"Closed"/);
});
