import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { configurationTable, describeConfiguration, printableConfiguration } from '../../src/config/describe.ts';
import type { Options } from '../../src/config/keys.ts';
import { ConfigurationError, loadConfiguration, readEnvironment } from '../../src/config/load.ts';
import { formatDuration, parseDuration } from '../../src/config/values.ts';

function problemsOf(options: Options, environment: Record<string, string> = {}): readonly string[] {
  try {
    loadConfiguration(options, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems;
  }
  return [];
}

test('without settings everything has its default', () => {
  const configuration = loadConfiguration({}, {});
  assert.deepEqual(configuration.serverAddr, { host: undefined, port: 8080 });
  assert.equal(configuration.environment, 'development');
  assert.equal(configuration.keepalivePing, 30_000);
  assert.equal(configuration.keepalivePong, 60_000);
  assert.equal(configuration.writeDeadline, 5_000);
  assert.equal(configuration.mediaPort, 40_000);
  assert.equal(configuration.jwtSecret, undefined);
  assert.ok(Object.isFrozen(configuration));
});

test('options win over the environment, the environment over .env, and an empty text is no setting', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-test-'));
  writeFileSync(join(folder, '.env'), 'LOG_LEVEL=warn\nMEDIA_PORT=50000\nKEEPALIVE_PING=10s\nDATA_DIR=\n');
  const environment = readEnvironment(folder, { MEDIA_PORT: '50001', KEEPALIVE_PING: '20s', HOME: '/nowhere', FOREIGN: 'key' });
  const configuration = loadConfiguration({ keepalivePing: '25s' }, environment);
  assert.equal(configuration.logLevel, 'warn');
  assert.equal(configuration.mediaPort, 50_001);
  assert.equal(configuration.keepalivePing, 25_000);
  assert.equal(configuration.dataDir, './data');
});

test('a folder without .env is fine, one whose .env is a folder is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-test-'));
  assert.deepEqual(readEnvironment(folder, { A: '1' }), { A: '1' });
  assert.throws(() => readEnvironment('/dev/null', {}), ConfigurationError);
});

test('the addresses of the seed and of the reference are understood', () => {
  const addresses: [string, { host: string | undefined; port: number }][] = [
    [':8080', { host: undefined, port: 8080 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
  ];
  for (const [serverAddr, expected] of addresses) assert.deepEqual(loadConfiguration({ serverAddr }, {}).serverAddr, expected);
  for (const serverAddr of ['8080', 'localhost', ':65536', '::1:8080', '[nope]:80', 'a b:80', 'http://a:80']) {
    assert.match(problemsOf({ serverAddr })[0] ?? '', /^SERVER_ADDR: must be/, serverAddr);
  }
});

test('what is wrong is said for every setting at once, by its name', () => {
  const environment = {
    KEEPALIVE_PONG: 'soon',
    MEDIA_PORT: '-1',
    MEDIA_ADDRESS: '203.0.113.7, example',
    TRUSTED_PROXIES: '10.0.0.0/33',
    ALLOWED_ORIGINS: 'https://example.com/',
    ENVIRONMENT: 'staging',
    MAX_PARTICIPANTS: '1e3',
  };
  const names = problemsOf({}, environment).map(problem => problem.split(':')[0]);
  assert.deepEqual(new Set(names), new Set(Object.keys(environment)));
});

test('an option that does not exist is refused, a foreign variable is not', () => {
  assert.match(problemsOf({ keepAlivePing: '1s' } as Options)[0] ?? '', /no option "keepAlivePing"/);
  assert.deepEqual(problemsOf({}, { KEEP_ALIVE_PING: '1s' }), []);
});

test('settings that contradict one another are refused', () => {
  assert.match(problemsOf({ keepalivePing: '60s' })[0] ?? '', /KEEPALIVE_PING: must be shorter/);
  assert.match(problemsOf({ mediaPort: 65_535, mediaWorkers: 2 })[0] ?? '', /MEDIA_PORT/);
  assert.match(problemsOf({ mediaAnnouncedPort: 65_535, mediaWorkers: 2 })[0] ?? '', /MEDIA_ANNOUNCED_PORT/);
});

test('durations are read with and without their unit, and written so that they read the same', () => {
  assert.equal(parseDuration('30'), 30_000);
  assert.equal(parseDuration('30s'), 30_000);
  assert.equal(parseDuration('1.5s'), 1_500);
  assert.equal(parseDuration('250ms'), 250);
  assert.equal(parseDuration('24h'), 86_400_000);
  for (const text of ['', 's', '-1s', '1 year', '1e3', '0x10', '1s2']) assert.equal(parseDuration(text), undefined, text);
  fc.assert(fc.property(fc.nat({ max: 400_000_000 }), ms => parseDuration(formatDuration(ms)) === ms));
});

test('reading never throws anything but a ConfigurationError, whatever the environment holds', () => {
  const names = describeConfiguration().map(({ name }) => name);
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })), environment => {
      try {
        loadConfiguration({}, environment);
      } catch (error) {
        assert.ok(error instanceof ConfigurationError);
      }
    }),
  );
});

test('printed settings read back as the same configuration, and mask the secret', () => {
  const given = {
    jwtSecret: 'do-not-print-me',
    serverAddr: '[::1]:9000',
    keepalivePong: '90s',
    trustedProxies: ['10.0.0.0/8', '::1'],
  };
  const configuration = loadConfiguration(given, {});
  const printed = printableConfiguration(configuration);
  assert.doesNotMatch(JSON.stringify(printed), /do-not-print-me/);
  assert.deepEqual({ ...loadConfiguration({}, printed), jwtSecret: given.jwtSecret }, configuration);
});

test('every setting is described with a default that is the same on every machine', () => {
  for (const { name, default: fallback, text } of describeConfiguration()) {
    assert.match(configurationTable(), new RegExp(`^\\| \`${name}\` \\| .+ \\| .+ \\|$`, 'm'));
    assert.ok(fallback.length > 0 && text.endsWith('.'), name);
  }
});
