import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ROOT, toolEnvironment } from '../../paths.js';
import { FILES, isRust, isTest, linesMatching, read, withoutUnitTests } from '../tree.js';

/** @typedef {{ name: string, license: string | null, manifest_path: string, dependencies: { name: string, kind: string | null }[] }} Crate */

/** @type {{ packages: Crate[] }} */
const METADATA = JSON.parse(
  execFileSync('cargo', ['metadata', '--format-version', '1', '--no-deps', '--locked'], {
    cwd: ROOT,
    env: toolEnvironment(),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
);

/** @param {string} name */
function dependenciesOf(name) {
  const crate = METADATA.packages.find(each => each.name === name);
  assert.ok(crate, `there is no crate ${name}`);
  return crate.dependencies.filter(({ kind }) => kind !== 'dev').map(dependency => dependency.name);
}

const sources = (/** @type {string} */ folder) => FILES.filter(path => isRust(path) && path.startsWith(folder) && !isTest(path));

test('the forwarder knows no socket, clock, thread, addon or runtime', () => {
  const forbidden =
    /\bstd::(net::(Udp|Tcp)|thread|fs|env|process)|\b(Instant|SystemTime)::now|\b(tokio|napi|mio|polling|quinn_udp|socket2|rand::rng)\b/;
  const found = linesMatching(sources('media-plane/forwarder/src/'), forbidden, withoutUnitTests);
  assert.deepEqual(
    found.filter(line => !/: \/\//.test(line)),
    [],
  );
});

test('the forwarder depends on no crate that does I/O, and on none of ours', () => {
  const forbidden = [
    'tokio',
    'mio',
    'polling',
    'async-io',
    'smol',
    'quinn-udp',
    'socket2',
    'libc',
    'rustix',
    'napi',
    'aqlinks-udp',
    'aqlinks-node',
  ];
  assert.deepEqual(
    dependenciesOf('aqlinks-forwarder').filter(name => forbidden.includes(name)),
    [],
  );
});

test('the driver knows the forwarder, not the addon', () => {
  const dependencies = dependenciesOf('aqlinks-udp');
  assert.ok(dependencies.includes('aqlinks-forwarder'));
  assert.deepEqual(
    dependencies.filter(name => name.startsWith('napi') || name === 'aqlinks-node'),
    [],
  );
});

test('the addon drives nothing itself: it knows the driver and converts', () => {
  const dependencies = dependenciesOf('aqlinks-node');
  assert.ok(dependencies.includes('aqlinks-udp'));
  assert.deepEqual(
    dependencies.filter(name => ['tokio', 'mio', 'polling', 'quinn-udp', 'socket2', 'dimpl', 'aws-lc-rs'].includes(name)),
    [],
  );
});

test('only the crates that must hold unsafe code, and every such block says why it is sound', () => {
  const unsafe = FILES.filter(path => isRust(path) && /\bunsafe (\{|impl|fn)/.test(read(path)));
  const silent = unsafe.filter(path => !/SAFETY:/.test(read(path)));
  assert.deepEqual(silent, []);
  assert.deepEqual(
    unsafe.filter(path => path.startsWith('media-plane/forwarder/')),
    [],
  );
});
