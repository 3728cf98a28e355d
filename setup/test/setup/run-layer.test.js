import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runLayer } from '../../run-layer.js';

/**
 * @param {import('node:test').TestContext} t
 * @param {string} source
 */
function layerOf(t, source) {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-layer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.test.mjs'), `import { test } from 'node:test';\n${source}`);
  return { name: 'a', files: [join(folder, '*.test.mjs')], steps: [], minutes: 1 };
}

// The runner must not think that it is called by the one that runs this very test.
delete process.env.NODE_TEST_CONTEXT;

test('passed, failed and skipped tests are counted', async t => {
  const layer = layerOf(
    t,
    "test('a', () => {}); test('b', () => { throw new Error('on purpose'); }); test('c', { skip: true }, () => {});",
  );
  assert.deepEqual(await runLayer(layer, 'ignore'), { passed: 1, failed: 1, skipped: 1 });
});

test('a file that ends its process before its tests ran has failed', async t => {
  assert.equal((await runLayer(layerOf(t, "process.exit(3); test('a', () => {});"), 'ignore')).failed, 1);
});

test('a layer whose files are not there has failed', async t => {
  const layer = { ...layerOf(t, ''), files: ['no/such/**/*.test.js'] };
  assert.equal((await runLayer(layer, 'ignore')).failed, 1);
});

test('a layer that does not end is ended', async t => {
  const layer = { ...layerOf(t, "test('a', () => new Promise(() => setInterval(() => {}, 1000)));"), minutes: 0.02 };
  assert.equal((await runLayer(layer, 'ignore')).failed, 1);
});
