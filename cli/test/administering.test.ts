import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { startServer } from '@aqlinks/server';
import { newFolder, type Place, runAqlinks } from './support/run-aqlinks.ts';

const JWT_SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';

/** A running server, and what runs in the folder of its settings. */
async function newServer(t: TestContext) {
  const folder = newFolder(t);
  const server = await startServer(
    {
      ...{ serverAddr: '127.0.0.1:0', mediaPort: 0, mediaWorkers: 1, logLevel: 'silent' },
      jwtSecret: JWT_SECRET,
      dataDir: folder,
    },
    { environment: {} },
  );
  t.after(() => server.close());
  const place: Place = { folder: newFolder(t), env: { JWT_SECRET, SERVER_ADDR: `127.0.0.1:${server.port}` } };
  const stranger: Place = { folder: newFolder(t) };
  const run = async (...args: string[]) => {
    const ended = await runAqlinks(args, place);
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  const json = async (...args: string[]) => JSON.parse(await run(...args, '--json'));
  return { server, place, stranger, run, json };
}

test('on the machine of the server its secret opens everything; elsewhere an API key does, by option or environment', async t => {
  const { server, stranger, run, json } = await newServer(t);
  assert.equal(await run('rooms'), 'There are no rooms.\n');
  await run('projects', 'create', 'school');
  const { id, secret } = await json('keys', 'create', '--project', 'school', '--name', 'backend');
  const url = server.origin;
  const byOption = await runAqlinks(['rooms', 'create', 'r', '--url', url, '--key', `${id}:${secret}`], stranger);
  assert.equal(byOption.code, 0, byOption.stderr);
  const env = { AQLINKS_URL: url, AQLINKS_API_KEY: `${id}:${secret}` };
  assert.match((await runAqlinks(['rooms'], { ...stranger, env })).stdout, /^room +participants[\s\S]*\nr +0/);
  assert.equal(await run('rooms'), 'There are no rooms.\n'); // of the default project
  assert.match(await run('keys', 'list', '--project', 'school'), new RegExp(`^id .*\\n${id} +backend`));
  await run('keys', 'revoke', id, '--project', 'school');
  const refused = await runAqlinks(['rooms'], { ...stranger, env });
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /The API key is wrong.* Set AQLINKS_API_KEY=ID:SECRET, or say --key\./);
  assert.ok(!refused.stderr.includes(secret));
});

test('rooms and the people in them, as tables and as JSON', async t => {
  const { run, json, place } = await newServer(t);
  await run('rooms', 'create', 'lobby-room', '--max-participants', '5', '--metadata', '{"course":7}');
  const updated = await json('rooms', 'update', 'lobby-room', '--locked', 'off');
  assert.deepEqual(updated.settings, { max_participants: 5, metadata: { course: 7 }, locked: false });
  const { ws_url } = await json('tokens', 'issue', 'alice', '--room', 'lobby-room', '--type', 'guest');
  const socket = new WebSocket(ws_url, ['aqlinks.v1']);
  t.after(() => socket.close());
  await once(socket, 'open');
  assert.match(await run('rooms'), /^room +participants.*\nlobby-room +1 /);
  assert.match(await run('participants', 'list', 'lobby-room'), /^id +user.*\n\S+ +alice +alice +guest/);
  assert.equal(await run('participants', 'role', 'lobby-room', 'alice', 'viewer'), 'alice is viewer now.\n');
  assert.equal((await json('participants', 'show', 'lobby-room', 'alice')).role, 'viewer');
  const closed = once(socket, 'close');
  assert.equal(await run('participants', 'remove', 'lobby-room', 'alice', '--ban', '1h'), 'Removed alice.\n');
  assert.equal((await closed)[0].code, 4002);
  assert.match(await run('rooms', 'bans', 'lobby-room'), /\nalice /);
  await run('rooms', 'delete', 'lobby-room');
  assert.equal((await runAqlinks(['rooms', 'show', 'lobby-room'], place)).code, 1);
});

test('webhooks are created, tested, listed and replayed', async t => {
  const { run, json } = await newServer(t);
  const arrived: string[] = [];
  const receiver = createServer((request, response) => {
    arrived.push(String(request.headers['webhook-id']));
    response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => receiver.close());
  await once(receiver, 'listening');
  const { port } = receiver.address() as { port: number };
  const { id, secret } = await json(
    'webhooks',
    'create',
    `http://127.0.0.1:${port}/events`,
    '--events',
    'room.started,room.ended',
  );
  assert.match(secret, /^whsec_/);
  assert.match(await run('webhooks'), new RegExp(`\\n${id} .*room.started, room.ended`));
  const delivery = await json('webhooks', 'test', id);
  assert.equal(delivery.state, 'delivered');
  assert.match(await run('webhooks', 'deliveries', id), /webhook\.test/);
  await run('webhooks', 'replay', id, delivery.id);
  await run('webhooks', 'delete', id);
  assert.ok(arrived.length >= 1);
});

test('the audit log is listed, exported and verified', async t => {
  const { run, json } = await newServer(t);
  await run('keys', 'create', '--name', 'seen');
  assert.match(await run('audit'), /key\.created/);
  assert.equal((await json('audit', 'verify')).intact, true);
  const lines = (await run('audit', 'export')).trim().split('\n');
  assert.ok(lines.map(line => JSON.parse(line)).some(({ entry }) => entry?.action === 'key.created'));
});

test('what cannot be done says what would be, with its exit code', async t => {
  const place = { folder: newFolder(t), env: { JWT_SECRET } };
  const wrong: [string[], number, RegExp][] = [
    [['rooms', '--url', 'http://127.0.0.1:9'], 1, /127\.0\.0\.1:9 does not answer: .+ Is aqlinks running\?/],
    [['rooms', '--url', 'nonsense'], 1, /nonsense is no address/],
    [['rooms', 'creat', 'r'], 2, /There is no verb "creat" of rooms\. There are list, create/],
    [['rooms', 'create'], 2, /It is: aqlinks rooms create ROOM/],
    [['rooms', 'create', 'r', '--lobby', 'maybe'], 2, /--lobby is on or off/],
    [['rooms', 'create', 'r', '--metadata', '{'], 2, /--metadata is no JSON/],
    [['tokens'], 2, /tokens needs a verb: issue/],
    [['tokens', 'revoke'], 2, /exactly one of --user/],
    [['completion'], 2, /bash, zsh, fish/],
  ];
  for (const [args, expected, message] of wrong) {
    const { code, stdout, stderr } = await runAqlinks(args, place);
    assert.deepEqual([code, stdout], [expected, ''], args.join(' '));
    assert.match(stderr, message);
  }
});

test('bash completes nouns, verbs and options', async t => {
  const { stdout } = await runAqlinks(['completion', 'bash'], { folder: newFolder(t) });
  const complete = (...words: string[]) => {
    const ask = `COMP_WORDS=(aqlinks ${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _aqlinks; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', `${stdout}\n${ask}`], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ');
  };
  assert.deepEqual(complete('ke'), ['keys']);
  assert.deepEqual(complete('keys', 'r'), ['rotate', 'revoke']);
  assert.deepEqual(complete('keys', 'rotate', '--o'), ['--overlap']);
  assert.deepEqual(complete('keys', 'rotate', 'my-key', '--u'), ['--url']);
  assert.deepEqual(complete('start', '--server'), ['--server-addr']);
});

test('zsh and fish are given scripts of their own', async t => {
  const place = { folder: newFolder(t) };
  assert.match((await runAqlinks(['completion', 'zsh'], place)).stdout, /^#compdef aqlinks\n/);
  assert.match((await runAqlinks(['completion', 'fish'], place)).stdout, /-a 'rotate' -d 'give a key a new secret/);
});
