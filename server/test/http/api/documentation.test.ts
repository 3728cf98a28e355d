import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATIONS } from '@aqlinks/protocol';
import { Validator } from '@seriousme/openapi-schema-validator';
import { newServer } from '../../support/new-server.ts';

test('the OpenAPI document names every operation once', async t => {
  const server = await newServer(t);
  const response = await fetch(`${server.origin}/api/openapi.json`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const { openapi, paths } = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  assert.match(openapi, /^3\.1\./);
  const named = Object.values(paths).flatMap(methods => Object.values(methods).map(({ operationId }) => operationId));
  assert.deepEqual(named.sort(), Object.keys(OPERATIONS).sort());
});

test('the document is valid by the schema of OpenAPI itself', async t => {
  const server = await newServer(t);
  const document = (await (await fetch(`${server.origin}/api/openapi.json`)).json()) as Record<string, unknown>;
  const { valid, errors } = await new Validator().validate(document);
  assert.ok(valid, JSON.stringify(errors));
  const broken = { ...document, paths: { '/x': { get: { responses: 'none' } } } };
  assert.equal((await new Validator().validate(broken)).valid, false);
});

test('its page loads nothing from elsewhere, and nothing inline', async t => {
  const server = await newServer(t);
  const page = await fetch(`${server.origin}/api/docs`);
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  const html = await page.text();
  assert.doesNotMatch(html, /<script>|<style|style=|https?:/);
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  assert.equal(files.length, 3);
  for (const path of files) {
    const file = await fetch(`${server.origin}${path}`);
    assert.equal(file.status, 200, path);
    assert.match(file.headers.get('content-type') ?? '', /css|javascript/);
  }
});

test('of the package of the page only the two files are served', async t => {
  const server = await newServer(t);
  for (const path of [
    'index.html',
    'swagger-ui.js.map',
    '../package.json',
    '..%2fpackage.json',
    'oauth2-redirect.html',
    'logo.svg',
  ]) {
    assert.notEqual((await fetch(`${server.origin}/api/docs/assets/${path}`)).status, 200, path);
  }
});
