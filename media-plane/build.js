import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PLATFORMS, thisPlatform } from '../setup/platforms.js';

// Builds the addon and puts it where src/load.ts finds it: dist/aqlinks.<platform>.node. CARGO_BUILD_TARGET builds for
// another platform. Cargo skips what has not changed.

const target = process.env.CARGO_BUILD_TARGET;
const platform = target === undefined ? thisPlatform() : PLATFORMS.find(each => each.target === target);
if (platform === undefined) fail(`aqlinks is not built for ${target ?? `${process.platform}-${process.arch}`}`);

const dist = fileURLToPath(new URL('./dist/', import.meta.url));
const addon = `${dist}aqlinks.${platform.name}.node`;
mkdirSync(dist, { recursive: true });
copyFileSync(build(platform), `${addon}.new`);
renameSync(`${addon}.new`, addon); // a running server keeps the one that it has loaded

/**
 * @param {import('../setup/platforms.js').Platform} platform
 * @returns {string} where the library is
 */
function build({ libc }) {
  const options = ['--release', '--locked', '--package', 'aqlinks-node', '--message-format', 'json-render-diagnostics'];
  // Node on musl loads addons dynamically; Rust links the C library statically there by default.
  const flags = libc === 'musl' ? { RUSTFLAGS: `${process.env.RUSTFLAGS ?? ''} -C target-feature=-crt-static`.trim() } : {};
  const { status, error, stdout } = spawnSync('cargo', ['build', ...options], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, ...flags },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (error !== undefined) fail(`cargo cannot be run (${error.message}): install Rust, see https://rustup.rs`);
  if (status !== 0) process.exit(status ?? 1); // cargo has said why
  const library = stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
    .filter(message => message.reason === 'compiler-artifact' && message.target.name === 'aqlinks_node')
    .flatMap(message => message.filenames)
    .find(path => /\.(so|dylib|dll)$/.test(path));
  return library ?? fail('cargo built no library: this is a bug of media-plane/build.js');
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
