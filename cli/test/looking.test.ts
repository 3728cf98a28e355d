import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { configurationTable, startServer } from '@aqlinks/server';
import { newFolder, runAqlinks } from './support/run-aqlinks.ts';

const JWT_SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';

test('help lists every verb, and every verb has help with examples', async t => {
  const place = { folder: newFolder(t) };
  const { code, stdout } = await runAqlinks(['help'], place);
  assert.equal(code, 0);
  const verbs = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(match => match[1] ?? '');
  assert.deepEqual(verbs, ['start', 'token', 'rooms', 'config', 'doctor']);
  for (const verb of verbs) {
    const help = await runAqlinks([verb, '--help'], place);
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^aqlinks ${verb}[^]*Examples:\n {2}.*aqlinks ${verb}`));
  }
  assert.match((await runAqlinks(['--version'], place)).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what is not understood exits with 2 and says what would be', async t => {
  const place = { folder: newFolder(t) };
  const unknown = await runAqlinks(['strat'], place);
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /There is no verb "strat". There are start, token/);
  assert.equal((await runAqlinks(['start', '--jwt-secret', 'x'], place)).code, 2); // no option: others could read it
});

test('rooms lists the rooms of a running server, as a table and as JSON', async t => {
  const server = await startServer(
    { serverAddr: '127.0.0.1:0', mediaPort: 0, logLevel: 'silent', jwtSecret: JWT_SECRET },
    { environment: {} },
  );
  t.after(() => server.close());
  const place = { folder: newFolder(t), env: { SERVER_ADDR: `127.0.0.1:${server.port}` } };
  assert.equal((await runAqlinks(['rooms'], place)).stdout, 'There are no rooms.\n');
  const token = (await runAqlinks(['token', '--user', 'a', '--room', 'lobby'], { ...place, env: { JWT_SECRET } })).stdout.trim();
  const socket = new WebSocket(`${server.webSocketUrl}?token=${token}`);
  t.after(() => socket.close());
  await once(socket, 'open');
  assert.equal((await runAqlinks(['rooms'], place)).stdout, 'room   participants\nlobby  1\n');
  const { stdout } = await runAqlinks(['rooms', '--json', '--url', server.origin], place);
  assert.deepEqual(JSON.parse(stdout).rooms, [{ room_id: 'lobby', peer_count: 1 }]);
});

test('rooms says when no server answers, or something else does', async t => {
  const { code, stderr } = await runAqlinks(['rooms', '--url', 'http://127.0.0.1:9'], { folder: newFolder(t) });
  assert.equal(code, 1);
  assert.match(stderr, /does not answer: .+ Is aqlinks running\?/);
  assert.equal((await runAqlinks(['rooms', '--url', 'nonsense'], { folder: newFolder(t) })).code, 1);
});

test('config shows the settings that a start would use, the secret masked', async t => {
  const place = { folder: newFolder(t), env: { JWT_SECRET, KEEPALIVE_PING: '10' } };
  const { stdout } = await runAqlinks(['config', '--server-addr', ':9000'], place);
  assert.match(stdout, /^SERVER_ADDR +:9000$/m);
  assert.match(stdout, /^KEEPALIVE_PING +10s$/m);
  assert.doesNotMatch(stdout, new RegExp(JWT_SECRET));
  assert.equal(JSON.parse((await runAqlinks(['config', '--json'], place)).stdout).JWT_SECRET, '********');
  assert.equal((await runAqlinks(['config', '--markdown'], place)).stdout, `${configurationTable()}\n`);
});

test('doctor says which ports are taken and what would be announced', async t => {
  const other = createSocket('udp4');
  t.after(() => other.close());
  other.bind(0);
  await once(other, 'listening');
  const { port } = other.address();
  const args = ['--server-addr', '127.0.0.1:0', '--media-workers', '1', '--media-port'];
  const taken = await runAqlinks(['doctor', ...args, String(port)], { folder: newFolder(t), env: { JWT_SECRET } });
  assert.equal(taken.code, 1);
  assert.match(taken.stdout, new RegExp(`^problem +UDP \\*:${port} +media: is in use`, 'm'));
  const place = { folder: newFolder(t), env: { JWT_SECRET, MEDIA_ADDRESS: '203.0.113.7' } };
  const fine = await runAqlinks(['doctor', ...args, '0', '--json'], place);
  assert.equal(fine.code, 0, fine.stdout);
  const findings = JSON.parse(fine.stdout) as { what: string; state: string; detail: string }[];
  assert.deepEqual(new Set(findings.map(({ state }) => state)), new Set(['fine']));
  assert.match(findings.find(({ what }) => what === 'announced')?.detail ?? '', /^203\.0\.113\.7/);
});
