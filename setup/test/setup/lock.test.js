import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../lock.js';

/** @param {import('node:test').TestContext} t */
function newLockFile(t) {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-lock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}

test('two set-ups do not overlap', async t => {
  const file = newLockFile(t);
  let inside = 0;
  const work = async () => {
    inside += 1;
    assert.equal(inside, 1);
    await new Promise(resolve => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([withLock(work, file), withLock(work, file)]);
  assert.equal(existsSync(file), false);
});

test('a set-up that fails gives the lock back', async t => {
  const file = newLockFile(t);
  await assert.rejects(
    withLock(() => Promise.reject(new Error('on purpose')), file),
    /on purpose/,
  );
  assert.equal(existsSync(file), false);
});

test('the lock of a process that is gone is taken over', async t => {
  const file = newLockFile(t);
  writeFileSync(file, String(spawnSync(process.execPath, ['--version']).pid));
  assert.equal(await withLock(async () => 'done', file), 'done');
});
