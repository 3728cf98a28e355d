import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigurationError, loadConfiguration } from '../../src/config/load.ts';
import { resolveSecret, secretFile, weakness } from '../../src/config/secret.ts';

const STRONG = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';
const newFolder = () => mkdtempSync(join(tmpdir(), 'aqlinks-test-'));
const production = (jwtSecret?: string) => loadConfiguration({ environment: 'production', jwtSecret, dataDir: newFolder() }, {});
const development = (jwtSecret?: string, dataDir = newFolder()) => loadConfiguration({ jwtSecret, dataDir }, {});

test('production starts with a strong secret only', () => {
  assert.deepEqual(resolveSecret(production(STRONG)), { value: STRONG, warnings: [] });
});

const BAD = [
  ...['tt55oo77', 'secret', 'changeme', 'your-secret-key', 'your-super-secret-jwt-key-change-this-in-production', 'Password123'],
  ...['short-but-random-9f3k', 'a'.repeat(64), 'abab'.repeat(16), 'secretsecretsecretsecretsecretsecret', 'your-256-bit-secret'],
];
for (const secret of BAD) {
  test(`production refuses ${secret.slice(0, 24)}, development warns, neither prints it`, () => {
    assert.throws(
      () => resolveSecret(production(secret)),
      (error: Error) =>
        error instanceof ConfigurationError && /^JWT_SECRET: /.test(error.message) && !error.message.includes(secret),
    );
    const { value, warnings } = resolveSecret(development(secret));
    assert.equal(value, secret);
    assert.equal(warnings.length, 1);
  });
}

test('production refuses to start without one, even where development has kept one', () => {
  const dataDir = newFolder();
  resolveSecret(development(undefined, dataDir));
  const configuration = loadConfiguration({ environment: 'production', dataDir }, {});
  assert.throws(() => resolveSecret(configuration), /JWT_SECRET: is missing/);
});

test('development makes one, keeps it for its owner only, says so and uses it again', () => {
  const dataDir = join(newFolder(), 'not', 'there', 'yet');
  const first = resolveSecret(development(undefined, dataDir));
  assert.equal(weakness(first.value), undefined);
  assert.equal(statSync(secretFile(dataDir)).mode & 0o777, 0o600);
  assert.equal(readFileSync(secretFile(dataDir), 'utf8').trim(), first.value);
  assert.match(first.warnings.join(), /made one/);
  assert.ok(!first.warnings.join().includes(first.value));
  assert.equal(resolveSecret(development('', dataDir)).value, first.value);
});

test('a kept secret that somebody emptied or weakened is not used', () => {
  const dataDir = newFolder();
  for (const content of ['', 'tt55oo77\n']) {
    writeFileSync(secretFile(dataDir), content);
    assert.throws(() => resolveSecret(development(undefined, dataDir)), /Delete the file/);
  }
});

test('a data folder that cannot be written is said with what to do', () => {
  assert.throws(() => resolveSecret(development(undefined, '/dev/null/data')), /Set JWT_SECRET, or DATA_DIR/);
});
