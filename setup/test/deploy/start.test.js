import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../paths.js';
import { ended, firstOffer, freePort, healthy } from '../support/server-process.js';

const SECONDS = 3;

test(`npm start serves within ${SECONDS} s once it is set up, and ends in order`, { timeout: 60_000 }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-start-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const settings = {
    SERVER_ADDR: `127.0.0.1:${port}`,
    MEDIA_PORT: '0',
    DATA_DIR: join(folder, 'data'),
    ENVIRONMENT: 'development',
  };
  const begin = performance.now();
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, ...settings },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  npm.stdout.setEncoding('utf8').on('data', text => (output += text));
  const gone = once(npm.stdout, 'close');
  t.after(() => npm.stdout.closed || process.kill(-(npm.pid ?? 0), 'SIGKILL'));

  await healthy(port);
  const seconds = (performance.now() - begin) / 1000;
  t.diagnostic(`served after ${seconds.toFixed(2)} s`);
  assert.ok(seconds < SECONDS, `it took ${seconds.toFixed(2)} s\n${output}`);
  assert.equal((await firstOffer(port)).event, 'offer');

  npm.kill('SIGTERM'); // to npm alone; how npm itself ends is its own affair
  await Promise.all([ended(npm), gone]);
  assert.match(output, /"msg":"Closed"/);
});
