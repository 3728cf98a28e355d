import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { publishedManifest } from '../../manifest.js';
import { inRoot } from '../../paths.js';
import { read } from '../tree.js';

// Building the image needs a Docker engine. What its steps run (`npm run pack`, installing the packages, `lib/main.js start`)
// the layer `pack` does for real; here is what that cannot see.

const INSTRUCTIONS = read('Dockerfile')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter(line => line.trim() !== '' && !line.startsWith('#'))
  .map(line => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));

const LAST_STAGE = INSTRUCTIONS.slice(INSTRUCTIONS.findLastIndex(({ name }) => name === 'FROM'));

/** @param {string} wanted */
const inLastStage = wanted => LAST_STAGE.filter(({ name }) => name === wanted).map(({ rest }) => rest);

test('every instruction is one that Docker knows', () => {
  const known = ['FROM', 'COPY', 'ENV', 'WORKDIR', 'RUN', 'USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'STOPSIGNAL', 'ENTRYPOINT'];
  assert.deepEqual(
    INSTRUCTIONS.filter(({ name }) => !known.includes(name)),
    [],
  );
});

test('base images are pinned to a version, and every stage that is copied from exists', () => {
  const stages = INSTRUCTIONS.filter(({ name }) => name === 'FROM').map(({ rest }) => rest);
  for (const stage of stages) assert.match(stage, /^\w+:\d+[\w.-]*( AS \w+)?$/);
  const names = stages.map(stage => stage.split(' AS ')[1]);
  for (const { rest } of INSTRUCTIONS) {
    const from = /--from=(\w+)/.exec(rest)?.[1];
    if (from !== undefined) assert.ok(names.includes(from), from);
  }
});

test('the image runs as nobody special, says whether it is healthy and has no shell between it and its signals', () => {
  assert.deepEqual(inLastStage('USER'), ['node']);
  assert.match(inLastStage('HEALTHCHECK')[0] ?? '', /\/health/);
  assert.doesNotThrow(() => JSON.parse(inLastStage('ENTRYPOINT')[0] ?? ''));
});

test('the image starts what the published package calls aqlinks', () => {
  const { bin } = publishedManifest(JSON.parse(read('cli/package.json')));
  assert.deepEqual(JSON.parse(inLastStage('ENTRYPOINT')[0] ?? ''), [
    'node',
    `node_modules/aqlinks/${bin?.aqlinks?.replace('./', '')}`,
    'start',
  ]);
});

test('secrets and builds of this machine stay out of the image', () => {
  const ignored = read('.dockerignore').split('\n');
  for (const path of ['.env', 'data', '**/node_modules', 'target*', '.git']) assert.ok(ignored.includes(path), path);
  assert.equal(existsSync(inRoot('Dockerfile')), true);
});
