import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { GENERATED, withPart } from '../../generated.js';
import { findNode } from '../../node24.js';
import { inRoot, ROOT, toolEnvironment } from '../../paths.js';
import { ended, freePort, healthy } from '../support/server-process.js';
import { FILES, read } from '../tree.js';

// Commands in the documentation stand in blocks after `<!-- run -->`, or `<!-- run, prints: PATTERN -->` with a regular
// expression for what must be on stdout. Those of one page run one after the other in one shell each, in the root of the
// repository, against a server of this test's own where the page says localhost:8080.
const BLOCK = /<!-- run(?:, prints: (.+?))? -->\n+```sh\n([\s\S]*?)\n```/g;

const folder = mkdtempSync(join(tmpdir(), 'aqlinks-docs-'));
const port = await freePort();
const env = {
  ...toolEnvironment(),
  SERVER_ADDR: `127.0.0.1:${port}`,
  MEDIA_PORT: '0',
  DATA_DIR: join(folder, 'data'),
  JWT_SECRET: 'only-for-this-test-0123456789-abcdefghij',
  API_KEYS: 'docs:only-for-this-test-too-0123456789-abcdef',
  AQLINKS_API_KEY: 'docs:only-for-this-test-too-0123456789-abcdef',
  LOG_LEVEL: 'warn',
};

/** @type {import('node:child_process').ChildProcess} */
let server;

before(async () => {
  server = spawn(findNode(), [inRoot('cli', 'src', 'main.ts'), 'start'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await healthy(port);
});

after(async () => {
  server.kill('SIGTERM');
  await ended(server);
  rmSync(folder, { recursive: true, force: true });
});

const pages = FILES.filter(path => path.endsWith('.md'));
const blocks = pages.flatMap(page =>
  [...read(page).matchAll(BLOCK)].map(([, prints, commands = '']) => ({ page, prints, commands })),
);

test('the documentation has commands to run', () => assert.ok(blocks.length >= 5));

for (const { page, prints, commands } of blocks) {
  test(`${page}: ${commands.split('\n').find(line => !line.startsWith('#'))}`, async () => {
    const script = `set -euo pipefail\n${commands.replaceAll('localhost:8080', `127.0.0.1:${port}`)}`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: ROOT, env });
    if (prints !== undefined) assert.match(stdout, new RegExp(prints));
  });
}

for (const part of GENERATED) {
  test(`${part.file} has ${part.name} as the code has them (npm run docs)`, () => assert.equal(read(part.file), withPart(part)));
}

test('every npm command in the documentation exists', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const named = pages.flatMap(page =>
    [...read(page).matchAll(/\bnpm (?:run )?([a-z]+)(?=[\s`]|$)/g)].map(([, name = '']) => name),
  );
  const npmsOwn = ['ci', 'install', 'init', 'pack', 'publish', 'run', 'packages', 'package', 'registry'];
  assert.deepEqual(
    [...new Set(named)].filter(name => !(name in scripts) && !npmsOwn.includes(name)),
    [],
  );
});
