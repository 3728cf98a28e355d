import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { printableConfiguration } from '../../src/config/describe.ts';
import type { Options } from '../../src/config/keys.ts';
import { ConfigurationError, loadConfiguration } from '../../src/config/load.ts';
import { resolveMasterKey } from '../../src/config/master-key.ts';
import { checkApiKeys } from '../../src/config/secret.ts';

const STRONG = 'd2hhdC1hLXN0cm9uZy1zZWNyZXQtdGhpcy1pcw-0123';
const MASTER = Buffer.alloc(32, 7);

function problemOf(options: Options): string {
  try {
    loadConfiguration(options, {});
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return '';
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('API keys are read as a list of id:secret', () => {
  const { apiKeys } = loadConfiguration({ apiKeys: `key_1:${STRONG}, b.2:with:colons` }, {});
  assert.deepEqual(apiKeys, [
    { id: 'key_1', secret: STRONG },
    { id: 'b.2', secret: 'with:colons' },
  ]);
  assert.deepEqual(loadConfiguration({}, {}).apiKeys, []);
});

test('what is wrong with a secret setting is said without quoting it', () => {
  const wrong: Options[] = [
    { apiKeys: 'hushhush' },
    { apiKeys: ':hushhush' },
    { apiKeys: 'a b:hushhush!' },
    { apiKeys: 'a:hushhush,a:hushhush2' },
    { databaseUrl: 'mysql://me:hushhush@host/db' },
    { databaseUrl: 'hushhush' },
    { masterKey: 'hushhush' },
    { masterKey: new Uint8Array(31) },
  ];
  for (const options of wrong) {
    const problem = problemOf(options);
    assert.match(problem, /^(API_KEYS|DATABASE_URL|MASTER_KEY): /, JSON.stringify(options));
    assert.doesNotMatch(problem, /hushhush/);
  }
});

test('printed settings hold none of the secrets', () => {
  const configuration = loadConfiguration(
    {
      apiKeys: 'a:hushhush',
      databaseUrl: 'postgres://me:hushhush@host/db',
      masterKey: MASTER.toString('base64url'),
      jwtSecret: 'hushhush',
    },
    {},
  );
  const printed = printableConfiguration(configuration);
  assert.doesNotMatch(JSON.stringify(printed), /hushhush|BwcHBw/);
  for (const name of ['API_KEYS', 'DATABASE_URL', 'MASTER_KEY', 'JWT_SECRET']) assert.equal(printed[name], '********');
});

test('a master key is taken in either alphabet of base64', () => {
  const key = Buffer.alloc(32, 0xfb);
  for (const masterKey of [key.toString('base64'), key.toString('base64url'), ` ${key.toString('base64url')} `]) {
    assert.deepEqual(Buffer.from(loadConfiguration({ masterKey }, {}).masterKey ?? []), key);
  }
});

test('development makes a master key and keeps it; production has the one it is given, or none', t => {
  const dataDir = newFolder(t);
  const first = resolveMasterKey(loadConfiguration({ dataDir }, {}));
  assert.equal(first?.length, 32);
  assert.deepEqual(resolveMasterKey(loadConfiguration({ dataDir }, {})), first);
  const file = join(dataDir, 'master-key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(resolveMasterKey(loadConfiguration({ dataDir, environment: 'production' }, {})), undefined);
  const given = loadConfiguration({ dataDir, environment: 'production', masterKey: MASTER.toString('base64url') }, {});
  assert.deepEqual(Buffer.from(resolveMasterKey(given) ?? []), MASTER);

  writeFileSync(file, `${readFileSync(file, 'utf8').slice(0, 20)}\n`);
  assert.throws(() => resolveMasterKey(loadConfiguration({ dataDir }, {})), ConfigurationError);
});

test('weak secrets of API keys: development warns, production refuses', () => {
  const weak = loadConfiguration({ apiKeys: 'a:hushhush' }, {});
  assert.match(checkApiKeys(weak).join(), /API_KEYS: the secret of a has 8 bytes.*Production will refuse it/);
  assert.throws(() => checkApiKeys({ ...weak, environment: 'production' }), ConfigurationError);
  assert.deepEqual(checkApiKeys(loadConfiguration({ apiKeys: `a:${STRONG}`, environment: 'production' }, {})), []);
});
