import { addonPackage, PLATFORMS } from './platforms.js';

/**
 * @typedef {Record<string, unknown> & { name: string, version: string, description?: string, license?: string,
 *   exports?: Record<string, string>, bin?: Record<string, string>, dependencies?: Record<string, string>, peerDependencies?: Record<string, string> }} Manifest
 */

const REPOSITORY = 'https://github.com/husainf4l/aqlinks';

/** What the published packages were tried with. */
const ENGINES = { node: '>=24' };

/** From where a source stands to where its build stands. @param {string} path */
const built = path => path.replace(/^\.\/src\//, './lib/').replace(/\.ts$/, '.js');

/**
 * The manifest of a package as it is published, from the one in the repository, which runs from source.
 * @param {Manifest} source
 */
export function publishedManifest({ name, version, description, exports = {}, bin, dependencies = {}, peerDependencies }) {
  return {
    ...heading(name, version, description),
    type: 'module',
    engines: ENGINES,
    exports: Object.fromEntries(
      Object.entries(exports).map(([entry, path]) => [
        entry,
        path.startsWith('./src/') ? { types: built(path).replace(/\.js$/, '.d.ts'), default: built(path) } : path,
      ]),
    ),
    ...(bin && { bin: Object.fromEntries(Object.entries(bin).map(([command, path]) => [command, built(path)])) }),
    files: ['lib', 'dist'],
    dependencies,
    ...(peerDependencies && { peerDependencies }),
    ...(name === '@aqlinks/media-plane' && {
      optionalDependencies: Object.fromEntries(PLATFORMS.map(platform => [addonPackage(platform.name), version])),
    }),
  };
}

/**
 * @param {import('./platforms.js').Platform} platform
 * @param {string} version
 */
export function addonManifest({ name, os, cpu, libc }, version) {
  return {
    ...heading(addonPackage(name), version, `The media plane of aqlinks, built for ${name}`),
    engines: ENGINES,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: 'aqlinks.node',
    files: ['aqlinks.node'],
  };
}

/**
 * @param {string} name
 * @param {string} version
 * @param {string | undefined} description
 */
function heading(name, version, description) {
  const repository = { type: 'git', url: `git+${REPOSITORY}.git` };
  return { name, version, description, license: 'Apache-2.0', homepage: `${REPOSITORY}#readme`, repository };
}
