import { strict as assert } from 'node:assert';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLOSE, ErrorCode, LIMITS, RefusalCode } from '../src/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const spec = await readFile(new URL('../SPEC.md', import.meta.url), 'utf8');

/** `**P12** ·` opens a rule. */
const rules = [...spec.matchAll(/^\*\*(P\d+)\*\* · /gm)].map(match => match[1] ?? '');

/** Rows of the table under a heading, cell by cell, without the marks of code. */
function table(heading: string): string[][] {
  const section = spec.split(`\n### ${heading}\n`)[1]?.split('\n#')[0] ?? '';
  const rows = section.split('\n').filter(line => line.startsWith('| '));
  return rows.slice(1).map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replaceAll('`', '')),
  );
}

test('rules are numbered from P1 without gap or repetition', () => {
  assert.deepEqual(
    rules,
    rules.map((_, index) => `P${index + 1}`),
  );
  assert.ok(rules.length >= 40);
});

test('every rule is cited by a test', async () => {
  const cited = new Set<string>();
  for (const file of await testFiles()) {
    for (const match of (await readFile(file, 'utf8')).matchAll(/\bSPEC:(P\d+)\b/g)) cited.add(match[1] ?? '');
  }
  assert.deepEqual(
    rules.filter(rule => !cited.has(rule)),
    [],
    'not cited by any test',
  );
  assert.deepEqual(
    [...cited].filter(rule => !rules.includes(rule)),
    [],
    'cited, but no such rule',
  );
});

test('the tables say what the code says', () => {
  assert.deepEqual(
    table('Close codes'),
    Object.entries(CLOSE).map(([name, { code, reconnect, reason }]) => [String(code), name, reconnect ? 'yes' : 'no', reason]),
  );
  assert.deepEqual(
    table('Errors').map(row => row[0]),
    ErrorCode.options,
  );
  assert.deepEqual(
    table('Refusals').map(row => row[0]),
    RefusalCode.options,
  );
  assert.deepEqual(
    table('Limits'),
    Object.entries(LIMITS).map(([name, value]) => [name, String(value)]),
  );
});

test('no two reasons to close share a code', () => {
  const codes = Object.values(CLOSE).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});

/** All `*.test.ts` and `*.test.rs`-like files of the repository. */
async function testFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const top of await readdir(ROOT, { withFileTypes: true })) {
    if (!top.isDirectory() || /^(\.|node_modules$|target$|data$)/.test(top.name)) continue;
    for (const path of await readdir(`${ROOT}${top.name}`, { recursive: true })) {
      if (/(^|\/)(node_modules|dist|target)\//.test(path)) continue;
      if (/\.test\.tsx?$/.test(path)) files.push(`${ROOT}${top.name}/${path}`);
    }
  }
  return files;
}
