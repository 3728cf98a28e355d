import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { configurationTable } from '@aqlinks/server';
import { newFolder, runAqlinks } from './support/run-aqlinks.ts';

const JWT_SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';

test('help lists every verb and noun, and each has help', async t => {
  const place = { folder: newFolder(t) };
  const { code, stdout } = await runAqlinks(['help'], place);
  assert.equal(code, 0);
  const words = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(match => match[1] ?? '');
  assert.deepEqual(words, [
    ...['start', 'token', 'migrate', 'config', 'doctor'],
    ...['rooms', 'participants', 'tokens', 'keys', 'projects', 'webhooks', 'audit', 'completion'],
  ]);
  for (const verb of ['start', 'token', 'migrate', 'config', 'doctor']) {
    const help = await runAqlinks([verb, '--help'], place);
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^aqlinks ${verb}[\\s\\S]*Examples:\\n {2}.*aqlinks ${verb}`));
  }
  assert.match((await runAqlinks(['keys', '--help'], place)).stdout, /rotate KEY {2,}give a key a new secret/);
  assert.match(
    (await runAqlinks(['keys', 'rotate', '--help'], place)).stdout,
    /^aqlinks keys rotate KEY \[OPTIONS\][\s\S]*--overlap DURATION/,
  );
  assert.match((await runAqlinks(['--version'], place)).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what is not understood exits with 2 and says what would be', async t => {
  const place = { folder: newFolder(t) };
  const unknown = await runAqlinks(['strat'], place);
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /There is no verb "strat". There are start, token/);
  assert.equal((await runAqlinks(['start', '--jwt-secret', 'x'], place)).code, 2); // no option: others could read it
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
  const place = { folder: newFolder(t), env: { JWT_SECRET, MEDIA_ADDRESS: '127.0.0.1' } };
  const fine = await runAqlinks(['doctor', ...args, '0', '--json'], place);
  assert.equal(fine.code, 0, fine.stdout);
  const findings = JSON.parse(fine.stdout) as { what: string; state: string; detail: string }[];
  assert.deepEqual(new Set(findings.map(({ state }) => state)), new Set(['fine']));
  assert.match(findings.find(({ what }) => what === 'announced')?.detail ?? '', /^127\.0\.0\.1/);
  assert.deepEqual(
    findings.filter(({ detail }) => detail.includes('answers from here')).map(({ what }) => what.split(' ')[0]),
    ['UDP', 'TCP'],
  );
  const elsewhere = { ...place, env: { ...place.env, MEDIA_ADDRESS: '203.0.113.7' } };
  const mapped = await runAqlinks(['doctor', ...args, '0'], elsewhere);
  assert.equal(mapped.code, 0);
  assert.match(mapped.stdout, /^warning +UDP 203\.0\.113\.7:\d+ +media: announced, but does not answer from here/m);
});
