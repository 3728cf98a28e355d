import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { findNode } from '../../node24.js';
import { inRoot, ROOT, toolEnvironment } from '../../paths.js';
import { addonPackage, thisPlatform } from '../../platforms.js';
import { npmInstall } from '../support/npm-install.js';
import { firstOffer, freePort, healthy } from '../support/server-process.js';

const PACKAGES = inRoot('dist-packages');

before(() => execFileSync(findNode(), [inRoot('setup', 'pack.js')], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }), {
  timeout: 300_000,
});

/** @param {string} command */
const where = command => execFileSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8', env: toolEnvironment() }).trim();

/**
 * A folder of commands as on a machine without a compiler.
 * @param {string} folder
 */
function pathWithoutCompilers(folder) {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(findNode(), join(bin, 'node'));
  for (const command of ['sh', 'npm', 'npx']) symlinkSync(where(command), join(bin, command));
  for (const compiler of ['cc', 'gcc', 'c++', 'cmake', 'cargo', 'rustc', 'tsc'])
    assert.equal(existsSync(join(bin, compiler)), false);
  return bin;
}

test('one package a workspace that is published, and the addon of this platform', () => {
  const names = readdirSync(PACKAGES).map(name => name.replace(/-\d+\.\d+\.\d+\.tgz$/, ''));
  const addon = addonPackage(thisPlatform()?.name ?? '')
    .replace('@', '')
    .replace('/', '-');
  const folders = ['backend', 'client', 'media-plane', 'nestjs', 'protocol', 'server', 'web'];
  const expected = ['aqlinks', addon, ...folders.map(name => `aqlinks-${name}`)];
  assert.deepEqual(names.toSorted(), expected.toSorted());
});

test("no package holds sources, tests, or what is nobody else's business", () => {
  for (const tarball of readdirSync(PACKAGES)) {
    const files = execFileSync('tar', ['-tzf', join(PACKAGES, tarball)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const wrong = files.filter(file => /\.test\.|(^|\/)(src|test|node_modules|data)\/|\.env|(?<!\.d)\.tsx?$/.test(file));
    assert.deepEqual(wrong, [], tarball);
    assert.ok(files.includes('package/LICENSE') && files.includes('package/package.json'), tarball);
  }
});

test('in an empty folder, without a compiler: install, npx aqlinks start, join, stop', { timeout: 600_000 }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-install-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const env = {
    ...process.env, // the registry that npm is set up for, and its certificates
    PATH: pathWithoutCompilers(folder),
    SERVER_ADDR: `127.0.0.1:${port}`,
    MEDIA_PORT: '0',
    ENVIRONMENT: 'development',
  };
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }');
  npmInstall(
    readdirSync(PACKAGES).map(name => join(PACKAGES, name)),
    app,
    env,
  );

  let output = '';
  // A group of its own, as a terminal has: npx passes no signals on.
  const server = spawn('npx', ['--no-install', 'aqlinks', 'start'], {
    cwd: app,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', text => (output += text));
  const gone = once(server.stdout, 'close'); // nobody is left that could write to it
  const signal = (/** @type {NodeJS.Signals} */ name) => process.kill(-(server.pid ?? 0), name);
  t.after(() => server.stdout.closed || signal('SIGKILL'));
  await healthy(port).catch(error => assert.fail(`${error.message}\n${output}`));

  const page = await fetch(`http://127.0.0.1:${port}/aq_server/`);
  const html = await page.text();
  assert.equal(page.status, 200);
  const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(html) ?? [];
  assert.equal((await fetch(new URL(script, page.url))).status, 200, `the page's script ${script}`);

  const offer = await firstOffer(port);
  assert.equal(offer.event, 'offer');
  assert.match(JSON.parse(offer.data).sdp, /^a=candidate:/m);

  signal('SIGTERM');
  await gone;
  assert.match(output, /"msg":"Closed"/); // in order: the last line of a server that was not cut off
  await assert.rejects(fetch(`http://127.0.0.1:${port}/health`));
});
