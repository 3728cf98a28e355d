import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { OperationName } from '@aqlinks/protocol';
import { WebSocket } from 'ws';
import { createRooms } from '../../../src/conference/rooms.ts';
import { newFolder } from '../../support/both-databases.ts';
import { newApi } from '../../support/new-api.ts';

// Requests that are made up from the OpenAPI document, right ones and wrong ones: no error of the server, and no answer that the
// document does not know. A run is repeated with SEED=….

const SEED = process.env.SEED ?? String(randomInt(1_000_000));
const SCHEMATHESIS = fileURLToPath(new URL('../../../../.setup/schemathesis/bin/schemathesis', import.meta.url));

/** Addresses that are made up must not be posted to. */
const REACHES_OUT: readonly OperationName[] = ['createWebhook', 'putWebhook', 'testWebhook', 'replayDelivery'];

/** What would take away the things that the second run looks at. */
const ENDS: readonly OperationName[] = [
  ...(['deleteRoom', 'putRoom', 'putRoles', 'endRoom', 'removeParticipant', 'moveParticipant'] as const),
  ...(['revokeTokens', 'revokeKey', 'deleteWebhook'] as const),
];

/** How wrong requests may be refused: as well for being too large altogether. */
const REFUSALS = `[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 431]
`;

interface Run {
  readonly folder: string;
  readonly origin: string;
  readonly credentials: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly skipped: readonly OperationName[];
  readonly options: readonly string[];
}

async function makeUp({ folder, origin, credentials, parameters, skipped, options }: Run) {
  const config = join(folder, 'schemathesis.toml');
  const lines = Object.entries(parameters).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`);
  writeFileSync(config, `[parameters]\n${lines.join('\n')}\n${REFUSALS}`);
  const args = [
    ...['--config-file', config, 'run', `${origin}/api/openapi.json`, '--header', `Authorization: Bearer ${credentials}`],
    ...['--seed', SEED, '--workers', '1', '--no-color', '--request-timeout', '10', '--phases', 'examples,coverage,fuzzing'],
    // What formats, patterns and bounds cannot say: `until` that has passed, a cursor of another list, two names of one thing.
    ...['--exclude-checks', 'positive_data_acceptance'],
    ...skipped.flatMap(name => ['--exclude-operation-id', name]),
    ...options,
  ];
  const { code, output } = await new Promise<{ code: unknown; output: string }>(resolve => {
    execFile(SCHEMATHESIS, args, { cwd: folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), output: `SEED=${SEED}\n${stdout}${stderr}` }),
    );
  });
  assert.equal(code, 0, output);
  return Number(/Tested: (\d+)/.exec(output)?.[1] ?? 0);
}

test('made-up requests find no error of the server and no answer that the document does not know', {
  timeout: 240_000,
}, async t => {
  const { server, credentials } = await newApi(t, {}, { createRooms });
  const tested = await makeUp({
    ...{ folder: newFolder(t), origin: server.origin, credentials },
    parameters: { 'query.project': 'default' },
    skipped: REACHES_OUT,
    options: ['--max-examples', '5'],
  });
  assert.ok(tested >= 40, String(tested));
  assert.ok(!server.log.some(line => line.includes('A bug of aqlinks')));
});

test('nor do they of things that are there: a call with somebody in it, a key, a webhook', { timeout: 240_000 }, async t => {
  const { server, operator, credentials } = await newApi(t, {}, { createRooms });
  await operator.ask('createRoom', { body: { room: 'meeting', metadata: { a: 1 } } });
  const { body } = await operator.ask('issueToken', { body: { user_id: 'alice', room: 'meeting', user_type: 'host' } });
  const socket = new WebSocket(body.ws_url);
  t.after(() => socket.terminate());
  await once(socket, 'message');
  const { items } = (await operator.ask('listParticipants', { params: { room: 'meeting' } })).body;
  const key = (await operator.ask('createKey', { body: {} })).body.id;
  const webhook =
    (await operator.ask('createWebhook', { body: { url: `${server.origin}/nowhere`, active: false } })).body.id ?? 'none';
  const tested = await makeUp({
    ...{ folder: newFolder(t), origin: server.origin, credentials },
    parameters: {
      ...{ 'query.project': 'default', 'path.room': 'meeting', 'path.participant': items[0].id },
      ...{ 'path.key': key, 'path.webhook': webhook },
    },
    skipped: [...REACHES_OUT, ...ENDS],
    options: ['--max-examples', '3', '--mode', 'positive'],
  });
  assert.ok(tested >= 30, String(tested));
  assert.equal((await operator.ask('getRoom', { params: { room: 'meeting' } })).body.live.participants, 1, 'the call goes on');
  assert.ok(!server.log.some(line => line.includes('A bug of aqlinks')));
});
