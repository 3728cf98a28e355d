import assert from 'node:assert/strict';
import { basename } from 'node:path/posix';
import { test } from 'node:test';
import { FILES, isRust, isTest, isText, isTypeScript, linesMatching, read, withoutUnitTests } from '../tree.js';

/** @param {string} path */
function codeLines(path) {
  return (isRust(path) ? withoutUnitTests(path) : read(path)).split('\n').length;
}

test('files are small: 400 lines of TypeScript or JavaScript, 600 of Rust, tests apart', () => {
  const limits = [
    { is: (/** @type {string} */ path) => isTypeScript(path) || path.endsWith('.js'), limit: 400 },
    { is: isRust, limit: 600 },
  ];
  const tooLong = limits.flatMap(({ is, limit }) =>
    FILES.filter(path => is(path) && !isTest(path) && codeLines(path) > limit).map(path => `${path}: ${codeLines(path)} lines`),
  );
  assert.deepEqual(tooLong, []);
});

test('file names are kebab-case, in Rust snake_case', () => {
  const wrong = FILES.filter(path => {
    if (isRust(path)) return !/^[a-z0-9_]+\.rs$/.test(basename(path));
    return /\.(tsx?|js|cjs|mjs|css)$/.test(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(basename(path));
  });
  assert.deepEqual(wrong, []);
});

test('folders are named after the stations of the data, not after drawers', () => {
  const drawers = /(^|\/)(utils?|common|core|shared|helpers|misc|lib|packages|crates)\//;
  assert.deepEqual(
    FILES.filter(path => drawers.test(path)),
    [],
  );
});

test('every suppression gives its reason', () => {
  const typescript = FILES.filter(path => /\.(tsx?|js|cjs)$/.test(path) && !path.startsWith('setup/test/structure/'));
  assert.deepEqual(
    linesMatching(typescript, /@ts-(ignore|nocheck)|eslint-disable|@ts-expect-error\s*$|biome-ignore [^:]*:?\s*$/),
    [],
  );
  const rust = FILES.filter(isRust).flatMap(path =>
    [...read(path).matchAll(/#!?\[(?:allow|expect)\(([^\]]*)\)\]/g)]
      .filter(([, inside = '']) => !/\breason\s*=/.test(inside))
      .map(([attribute]) => `${path}: ${attribute}`),
  );
  assert.deepEqual(rust, []);
});

test('nothing is left to be done later', () => {
  const sources = FILES.filter(path => /\.(tsx?|js|cjs|rs|css|html)$/.test(path) && !path.startsWith('setup/test/structure/'));
  assert.deepEqual(linesMatching(sources, /\b(TODO|FIXME|XXX|HACK)\b|\b(todo|unimplemented)!\(/), []);
});

test("no file names a path of somebody's machine", () => {
  const path = new RegExp(`(^|[\\s"'\`(=:])/(${['work', 'root', 'Users', 'home/[a-z]+/(src|code|work)'].join('|')})/`);
  const texts = FILES.filter(each => isText(each));
  assert.deepEqual(linesMatching(texts, path), []);
});

test('the lock file names no host that a package was downloaded from', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const hosts = Object.values(packages).flatMap(({ resolved }) => (/^https?:/.test(resolved ?? '') ? [resolved] : []));
  assert.deepEqual(hosts, []);
});

test('the lock file knows every platform, so that `npm ci` works on each', () => {
  /** @type {Record<string, { optionalDependencies?: Record<string, string> }>} */
  const packages = JSON.parse(read('package-lock.json')).packages;
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      name => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
    ),
  );
  assert.deepEqual([...new Set(missing)], []);
});

test('dependencies are pinned to exact versions', () => {
  const manifests = FILES.filter(path => basename(path) === 'package.json');
  const loose = manifests.flatMap(path => {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(read(path));
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(range)))
      .map(([name, range]) => `${path}: ${name} ${range}`);
  });
  assert.deepEqual(loose, []);
});
