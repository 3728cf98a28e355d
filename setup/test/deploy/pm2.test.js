import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, toolEnvironment } from '../../paths.js';
import { npmInstall } from '../support/npm-install.js';
import { firstOffer, freePort, healthy } from '../support/server-process.js';

// PM2 is under the AGPL: tried here, outside of the tree, and no dependency of ours.
const PM2 = 'pm2@7.0.4';

test('the PM2 file starts a server that people can join, and stops it in order', { timeout: 400_000 }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-pm2-'));
  const port = await freePort();
  const env = {
    ...toolEnvironment(),
    PM2_HOME: join(folder, 'home'),
    SERVER_ADDR: `127.0.0.1:${port}`,
    MEDIA_PORT: '0',
    DATA_DIR: join(folder, 'data'),
    ENVIRONMENT: 'development',
  };
  npmInstall(['--prefix', folder, PM2], folder, env);
  const pm2 = (/** @type {string[]} */ ...args) =>
    execFileSync(join(folder, 'node_modules', '.bin', 'pm2'), args, {
      cwd: ROOT,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  t.after(() => {
    pm2('kill');
    rmSync(folder, { recursive: true, force: true });
  });

  pm2('start', 'ecosystem.config.cjs');
  assert.equal((await healthy(port)).status, 'healthy');
  assert.equal((await firstOffer(port)).event, 'offer');

  pm2('stop', 'aq-server');
  const [app] = JSON.parse(pm2('jlist'));
  assert.deepEqual(
    [app.name, app.pm2_env.status, app.pm2_env.exit_code, app.pm2_env.restart_time],
    ['aq-server', 'stopped', 0, 0],
  );
});
