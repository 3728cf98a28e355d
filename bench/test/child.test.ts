import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from '../src/child.ts';

const node = (script: string) => start({ command: process.execPath, args: ['-e', script] });

test('lines are read as they come, and one that is stopped ends', async () => {
  const child = node('console.log("one"); console.log("two"); setInterval(() => {}, 1000)');
  assert.equal(await child.line(line => (line === 'two' ? 2 : undefined), 10), 2);
  await child.stop();
  assert.throws(() => process.kill(child.pid, 0), { code: 'ESRCH' });
});

test('one that fails is reported in its own words', async () => {
  const failing = () => node('console.error("no disk"); process.exitCode = 3');
  await assert.rejects(failing().output(10), /ended: no disk/);
  await assert.rejects(
    failing().line(() => undefined, 10),
    /ended: no disk/,
  );
});

test('one that says nothing is not waited for for ever', async () => {
  const child = node('setInterval(() => {}, 1000)');
  await assert.rejects(
    child.line(() => undefined, 0.2),
    { name: 'AbortError' },
  );
  await child.stop();
});

test('a program that is not there is reported', async () => {
  await assert.rejects(start({ command: 'no-such-program-of-ours', args: [] }).output(10), /cannot be started/);
});
