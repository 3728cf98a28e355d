import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Problem } from '@aqlinks/protocol';
import type { Options } from '../../../src/config/keys.ts';
import { KEY, KEY_SECRET, newApi, type TestApi } from '../../support/new-api.ts';
import { newPostgres, type Postgres } from '../../support/postgres.ts';

const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const raw = (text: string) => Buffer.from(text).toString('base64url');
const NUL = String.fromCharCode(0);
const HALF = String.fromCharCode(0xd8_3e); // of a pair of surrogates

/** What no database takes, wherever a text goes that is kept. None may become an error of ours. */
async function unkeepable({ backend, operator, server }: TestApi): Promise<void> {
  const { body: webhook } = await backend.ask('createWebhook', { body: { url: 'http://127.0.0.1:9/', active: false } });
  for (const odd of [NUL, HALF]) {
    const asked = [
      backend.ask('issueToken', { body: { user_id: `a${odd}` } }),
      backend.ask('createRoom', { body: { room: `r${odd}` } }),
      backend.ask('putRoles', { body: { roles: { [`x${odd}`]: ['chat'] } } }),
      backend.ask('revokeTokens', { body: { user_id: 'u', reason: `x${odd}` } }),
      backend.ask('revokeTokens', { body: { jti: 'j', reason: `x${odd}` } }),
      backend.ask('createKey', { body: { name: `x${odd}` } }),
      operator.ask('createProject', { body: { project: 'p', name: `x${odd}` } }),
      backend.ask('createWebhook', { body: { url: 'http://127.0.0.1:9/', active: false, description: `x${odd}` } }),
      backend.ask('createWebhook', { body: { url: `http://127.0.0.1:9/${odd}`, active: false } }),
    ];
    for (const { status, text } of await Promise.all(asked)) assert.equal(status, 400, text);
    const kept = await backend.ask('putRoom', { params: { room: 'odd' }, body: { metadata: { [`a${odd}`]: odd } } });
    assert.equal(kept.status, 200, 'JSON keeps anything');
    assert.deepEqual((await backend.ask('getRoom', { params: { room: 'odd' } })).body.settings, kept.body.settings);
  }
  const cursors = [
    ...[
      cursorOf('rooms', `a${NUL}`),
      cursorOf('rooms', HALF),
      cursorOf('audit', 1e300),
      cursorOf('audit', -1.5),
      raw(`1 a${NUL}`),
    ],
    ...[raw('999999999999999 x'), raw(NUL), raw('{}'), 'AAAA', '____'],
  ];
  for (const cursor of cursors) {
    for (const name of ['listRooms', 'listAudit', 'listSessions', 'listWebhooks', 'listKeys', 'listDeliveries'] as const) {
      const { status, text } = await backend.ask(name, { params: { webhook: webhook.id }, query: { cursor } });
      assert.ok(status === 200 || status === 400, `${name} ${cursor}: ${status} ${text}`);
    }
  }
  const bugs = server.log.filter(line => line.includes('A bug of aqlinks'));
  assert.deepEqual(bugs, []);
}

test('texts and cursors that no database takes are refused before one is asked', async t => unkeepable(await newApi(t)));

describe('in PostgreSQL', () => {
  let postgres: Postgres | undefined;
  before(async () => {
    postgres = await newPostgres();
  });
  after(() => postgres?.remove());
  test('texts and cursors that no database takes are refused before one is asked', async t => {
    const options: Options = { databaseUrl: (await postgres?.newDatabase()) ?? '' };
    await unkeepable(await newApi(t, options));
  });
});

test('bodies that are too large, too deep, or poisoned are refused, and the server goes on', async t => {
  const { backend, server } = await newApi(t);
  const put = (body: string) => backend.ask('putRoom', { params: { room: 'r' }, body });
  assert.equal((await put(`{"metadata":"${'x'.repeat(70_000)}"}`)).body.code, 'too-large');
  const deep = `{"metadata":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
  assert.equal((await put(deep)).status, 400);
  assert.equal((await put(`{"metadata":${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}}`)).status, 400);
  const brackets = '[{"'.repeat(100);
  assert.equal(
    (await put(JSON.stringify({ metadata: [brackets, '\\"[', [[brackets]]] }))).status,
    200,
    'in a text they are no levels',
  );
  for (const poison of [
    '{"__proto__":{"locked":true}}',
    '{"metadata":{"__proto__":{"x":1}}}',
    '{"constructor":{"prototype":{"locked":true}}}',
    '{"roles":{"__proto__":["chat"]}}',
  ]) {
    assert.equal((await put(poison)).status, 400, poison);
  }
  assert.equal(({} as { locked?: boolean }).locked, undefined);
  const named = await put('{"roles":{"constructor":["chat"],"toString":[]}}');
  assert.deepEqual(named.body.settings, { roles: { constructor: ['chat'], toString: [] } });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
  ]) {
    const { body } = await backend.ask('putRoom', { params: { room: 'r' }, body: '{}', headers: { 'content-type': type } });
    assert.equal(body.code, 'unsupported-media-type', type);
  }
  const zipped = { 'content-encoding': 'gzip' };
  assert.equal((await backend.ask('putRoom', { params: { room: 'r' }, body: 'x', headers: zipped })).body.code, 'not-json');
  assert.ok(!server.log.some(line => line.includes('A bug of aqlinks')));
});

test('addresses that try something are answered as problems, and reach nothing', async t => {
  const { server, backend } = await newApi(t);
  await backend.ask('createRoom', { body: { room: 'r' } });
  const ask = (path: string, headers: Record<string, string | string[]> = {}, method = 'GET') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const given = { authorization: `Bearer ${KEY}:${KEY_SECRET}`, ...headers };
      const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers: given }, async response => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode ?? 0, text });
      });
      sent.on('error', reject).end();
    });
  const odd: [string, number][] = [
    ['/api/v1/rooms/%', 400],
    ['/api/v1/rooms/%ff', 400],
    ['/api/v1/rooms/%00', 400],
    ['/api/v1/rooms/%c0%ae%c0%ae', 400],
    [`/api/v1/rooms/${'%41'.repeat(129)}`, 400],
    ['/api/v1/rooms/..%2f..%2fkeys', 404],
    ['/api/v1/rooms/../keys/backend', 404],
    ['/api/v1/rooms//', 404],
    ['/api/v1//rooms', 404],
    ['/api/v1/Rooms', 404],
    ['/api/v1/rooms/r;x=y', 404],
    ['/api/v1/rooms?project=default&project=x', 400],
    ['/api/v1/rooms?project[]=x', 400],
    ['/api/v1/rooms?__proto__=x', 400],
    ['/api/v1/rooms?project=constructor', 404],
  ];
  for (const [path, status] of odd) {
    const { status: answered, text } = await ask(path);
    assert.equal(answered, status, `${path} ${text}`);
    Problem.strict().parse(JSON.parse(text));
  }
  assert.equal((await ask('/api/v1/rooms', { authorization: ['Bearer x:y', `Bearer ${KEY}:${KEY_SECRET}`] })).status, 401);
  assert.equal(
    (await ask('/api/v1/rooms', { 'x-http-method-override': 'DELETE', 'x-original-url': '/api/v1/keys' })).status,
    200,
  );
  assert.deepEqual(await ask('/api/v1/rooms', {}, 'HEAD'), { status: 200, text: '' });
  assert.equal((await ask('/api/v1/rooms', { authorization: `basic ${KEY}:${KEY_SECRET}` })).status, 401);
});

test('nobody without credentials is read on for: the answer comes first, and the connection ends', async t => {
  const { server } = await newApi(t);
  const socket = connect(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write('POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{');
  let text = '';
  socket.on('data', chunk => {
    text += chunk.toString();
  });
  await new Promise(resolve => socket.once('close', resolve));
  assert.match(text, /^HTTP\/1\.1 401 /);
  assert.match(text, /\r\nconnection: close\r\n/i);
});

test('texts that make a careless pattern slow do not', async t => {
  const { backend } = await newApi(t);
  const begun = performance.now();
  for (const body of [
    { user_id: 'a', ttl: `${'1d'.repeat(20)}` },
    { user_id: 'a', ttl: `${'1'.repeat(40)}` },
    { user_id: 'x'.repeat(60_000) },
  ]) {
    assert.equal((await backend.ask('issueToken', { body })).status, 400);
  }
  for (const url of [`http://${'a.'.repeat(1_000)}`, `http://${'a'.repeat(2_000)}!`, `http://[${':'.repeat(2_000)}`]) {
    assert.equal((await backend.ask('createWebhook', { body: { url } })).status, 400);
  }
  assert.equal((await backend.ask('refreshToken', { body: { token: `${'a'.repeat(4_000)}.${'b'.repeat(4_000)}` } })).status, 400);
  assert.ok(performance.now() - begun < 5_000);
});

test('who asks too much, by address or by project, is told so as a problem, and when to come again', async t => {
  for (const limit of ['requestsPerProject', 'requestsPerAddress'] as const) {
    const { backend } = await newApi(t, { environment: 'production', [limit]: '3/m' });
    const answers = [];
    for (let index = 0; index < 5; index++) answers.push(await backend.ask('listRooms'));
    assert.deepEqual(
      [answers[0]?.status, answers.at(-1)?.status, answers.at(-1)?.body.code],
      [200, 429, 'too-many-requests'],
      limit,
    );
    assert.ok(Number(answers.at(-1)?.headers.get('retry-after')) > 0, limit);
  }
});
