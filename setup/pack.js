import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addonManifest, publishedManifest } from './manifest.js';
import { inRoot } from './paths.js';
import { PLATFORMS, thisPlatform } from './platforms.js';
import { prepare } from './prepare.js';
import { runOrFail } from './run.js';
import { fail, SetupError } from './setup-error.js';

// npm run pack [-- --only-addon [--target TARGET]]: the npm packages, as they are published, in dist-packages/.

/** In the order in which one needs the other's types. */
const PUBLISHED = ['protocol', 'client', 'media-plane', 'web', 'backend', 'nestjs', 'server', 'cli'];

const OUT = inRoot('dist-packages');
const STAGING = join(OUT, 'staging');

/** @param {{ onlyAddon: boolean, target: string | undefined }} options */
async function pack({ onlyAddon, target }) {
  await prepare(onlyAddon ? ['packages', 'addon'] : ['packages', 'addon', 'page']);
  rmSync(OUT, { recursive: true, force: true });
  const folders = onlyAddon ? [] : PUBLISHED;
  for (const folder of folders) await stage(folder);
  const staged = [...folders.map(folder => join(STAGING, folder)), stageAddon(target)];
  for (const folder of staged) await runOrFail('npm', ['pack', '--silent', '--pack-destination', OUT, folder]);
  rmSync(STAGING, { recursive: true });
}

/** @param {string} folder */
async function stage(folder) {
  const to = join(STAGING, folder);
  mkdirSync(to, { recursive: true });
  const manifest = publishedManifest(JSON.parse(readFileSync(inRoot(folder, 'package.json'), 'utf8')));
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  cpSync(inRoot('LICENSE'), join(to, 'LICENSE'));
  writeFileSync(join(to, 'README.md'), readme(folder, manifest));
  await compile(folder, to);
  const page = inRoot(folder, 'dist', 'index.html');
  if (existsSync(page)) cpSync(inRoot(folder, 'dist'), join(to, 'dist'), { recursive: true });
}

/**
 * The package's own README where it has one.
 * @param {string} folder
 * @param {{ name: string, description?: string | undefined, homepage: string }} manifest
 */
function readme(folder, { name, description, homepage }) {
  const own = inRoot(folder, 'README.md');
  return existsSync(own) ? readFileSync(own, 'utf8') : `# ${name}\n\n${description}. Part of [aqlinks](${homepage}).\n`;
}

/**
 * TypeScript to JavaScript and declarations; of the page only what Node loads, the rest is built already.
 * @param {string} folder
 * @param {string} to
 */
async function compile(folder, to) {
  const config = {
    extends: inRoot(folder, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rootDir: inRoot(folder, 'src'),
      outDir: join(to, 'lib'),
      rewriteRelativeImportExtensions: true,
      types: ['node'],
      typeRoots: [inRoot('node_modules', '@types')],
    },
    ...(folder === 'web' ? { files: [inRoot('web', 'src', 'index.ts')], include: [] } : { include: [inRoot(folder, 'src')] }),
  };
  const file = join(to, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(config));
  await runOrFail('tsc', ['--project', file]);
  rmSync(file);
}

/**
 * The addon of this platform, or of the one that was built for with CARGO_BUILD_TARGET.
 * @param {string | undefined} target
 */
function stageAddon(target) {
  const platform = target === undefined ? thisPlatform() : PLATFORMS.find(each => each.target === target);
  if (platform === undefined)
    throw new SetupError(`there is no package for ${target ?? `${process.platform}-${process.arch}`} in setup/platforms.js`);
  const built = inRoot('media-plane', 'dist', `aqlinks.${platform.name}.node`);
  if (!existsSync(built))
    throw new SetupError(`there is no built addon for ${platform.name} in media-plane/dist`, 'npm run build');
  const { version } = JSON.parse(readFileSync(inRoot('media-plane', 'package.json'), 'utf8'));
  const to = join(STAGING, platform.name);
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(addonManifest(platform, version), undefined, 2)}\n`);
  cpSync(inRoot('LICENSE'), join(to, 'LICENSE'));
  cpSync(built, join(to, 'aqlinks.node'));
  return to;
}

const { values } = parseArgs({ options: { 'only-addon': { type: 'boolean', default: false }, target: { type: 'string' } } });
await pack({ onlyAddon: values['only-addon'], target: values.target }).catch(fail);
console.log(`packages in ${OUT}`);
