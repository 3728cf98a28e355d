import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inRoot } from '../../paths.js';
import { FILES, read } from '../tree.js';

/** As hosts of repositories make anchors of headings. @param {string} heading */
const anchorOf = heading =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** @param {string} markdown */
const withoutCode = markdown => markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');

/** @param {string} markdown */
const anchorsIn = markdown =>
  [...markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

test('every link from one page of ours to another arrives', () => {
  const broken = FILES.filter(path => path.endsWith('.md')).flatMap(path => {
    const targets = [...withoutCode(read(path)).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
      ([, link, html]) => link ?? html ?? '',
    );
    return targets
      .filter(target => !/^[a-z]+:/.test(target))
      .filter(target => {
        const [file = '', anchor] = target.split('#');
        const full = file === '' ? inRoot(path) : join(inRoot(dirname(path)), file);
        if (!existsSync(full)) return true;
        return anchor !== undefined && full.endsWith('.md') && !anchorsIn(read(full.slice(inRoot().length + 1))).includes(anchor);
      })
      .map(target => `${path}: ${target}`);
  });
  assert.deepEqual(broken, []);
});
