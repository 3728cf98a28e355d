import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { inRoot, ROOT, toolEnvironment } from '../../paths.js';
import { read } from '../tree.js';
import { isMetBy } from './spdx.js';

/** Permissive ones, and MPL-2.0, whose copyleft ends at the file. */
const ALLOWED = new Set(
  [
    ['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Zlib', 'CC0-1.0', 'Unlicense', 'BlueOak-1.0.0'],
    ['Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'MPL-2.0', 'Unicode-3.0', 'Unicode-DFS-2016'],
  ].flat(),
);

test('SPDX expressions are understood', () => {
  assert.equal(isMetBy('MIT OR GPL-3.0-only', ALLOWED), true);
  assert.equal(isMetBy('MIT AND GPL-3.0-only', ALLOWED), false);
  assert.equal(isMetBy('(MIT OR GPL-3.0-only) AND (ISC)', ALLOWED), true);
  assert.equal(isMetBy('Apache-2.0 WITH LLVM-exception OR GPL-2.0-only', ALLOWED), true);
  assert.equal(isMetBy('AGPL-3.0', ALLOWED), false);
  assert.equal(isMetBy('', ALLOWED), false);
});

/**
 * Old packages say it in `licenses`, a list of objects, which npm leaves out of the lock file.
 * @param {string} path
 */
function olderField(path) {
  if (!existsSync(inRoot(path, 'package.json'))) return '';
  /** @type {{ licenses?: readonly { type: string }[] }} */
  const { licenses = [] } = JSON.parse(read(`${path}/package.json`));
  return licenses.map(({ type }) => type).join(' OR ');
}

test('every npm package in the lock file has a licence that we can ship', () => {
  /** @type {Record<string, { license?: string, link?: boolean }>} */
  const packages = JSON.parse(read('package-lock.json')).packages;
  const wrong = Object.entries(packages)
    .filter(
      ([path, { license, link }]) =>
        path.includes('node_modules/') &&
        link !== true &&
        !isMetBy((license ?? olderField(path)).replace('MPL 2.0', 'MPL-2.0'), ALLOWED),
    )
    .map(([path, { license }]) => `${path}: ${license}`);
  assert.deepEqual(wrong, []);
});

test('every crate in the lock file has a licence that we can ship', () => {
  const metadata = execFileSync('cargo', ['metadata', '--format-version', '1', '--locked'], {
    cwd: ROOT,
    env: toolEnvironment(),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  /** @type {{ packages: { name: string, version: string, license: string | null }[] }} */
  const { packages } = JSON.parse(metadata);
  const wrong = packages.filter(({ license }) => !isMetBy(license ?? '', ALLOWED));
  assert.deepEqual(
    wrong.map(({ name, version, license }) => `${name} ${version}: ${license}`),
    [],
  );
});
