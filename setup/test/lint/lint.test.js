import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inRoot, ROOT, toolEnvironment } from '../../paths.js';

/** @param {string} command @param {readonly string[]} args */
function passes(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    env: toolEnvironment(),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, `${[command, ...args].join(' ')}\n${stdout}${stderr}`);
}

test('biome finds nothing', () => passes('biome', 'check', '--error-on-warnings', '.'));

/** @type {string[]} */
const workspaces = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).workspaces;
for (const folder of [...workspaces, 'setup']) {
  test(`the types of ${folder}/ hold`, () => passes('tsc', '--project', folder));
}

test('Rust is formatted', () => passes('cargo', 'fmt', '--all', '--check'));

test('clippy finds nothing', () =>
  passes('cargo', 'clippy', '--workspace', '--all-targets', '--locked', '--', '--deny', 'warnings'));
