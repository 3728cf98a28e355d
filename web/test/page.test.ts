import { strict as assert } from 'node:assert';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const page = new URL('../', import.meta.url);

test('nothing in the page needs a looser content security policy, and nothing comes from elsewhere', async () => {
  const html = await readFile(new URL('index.html', page), 'utf8');
  assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  assert.doesNotMatch(html, /https?:/i);
  for (const path of await readdir(new URL('src/page/', page), { recursive: true })) {
    if (!/\.(css|tsx?)$/.test(path)) continue;
    const text = await readFile(new URL(`src/page/${path}`, page), 'utf8');
    assert.doesNotMatch(text, /https?:\/\/|@import|dangerouslySetInnerHTML/, path);
  }
});
