import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Addon, loadAddon, type Machine, platformOf, UnsupportedPlatform } from '../src/index.ts';

const DEBIAN: Machine = { platform: 'linux', arch: 'x64', glibc: true };

const ADDON: Addon = {
  start() {
    throw new Error('not here');
  },
};

/** Has what `there` names; `asked` are the paths that were tried. */
function loader(there: (path: string) => boolean) {
  const asked: string[] = [];
  const load = (path: string): Addon => {
    asked.push(path);
    if (there(path)) return ADDON;
    throw Object.assign(new Error(`Cannot find module '${path}'`), { code: 'MODULE_NOT_FOUND' });
  };
  return { asked, load };
}

describe('loading the addon', () => {
  it('knows the platforms as npm names them', () => {
    const names = [
      DEBIAN,
      { ...DEBIAN, glibc: false },
      { ...DEBIAN, arch: 'arm64' },
      { platform: 'darwin', arch: 'arm64', glibc: false },
      { platform: 'win32', arch: 'x64', glibc: false },
    ].map(platformOf);
    assert.deepEqual(names, ['linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'darwin-arm64', 'win32-x64-msvc']);
  });

  it('says where it runs when it does not run here', () => {
    assert.throws(() => platformOf({ platform: 'freebsd', arch: 'x64', glibc: false }), UnsupportedPlatform);
    assert.throws(
      () => platformOf({ ...DEBIAN, arch: 'ia32' }),
      /no media plane for linux-ia32-gnu\. It runs on linux-x64-gnu, /,
    );
  });

  it('takes what was built here', () => {
    const { asked, load } = loader(() => true);
    assert.equal(loadAddon(DEBIAN, load), ADDON);
    assert.deepEqual(asked, ['../dist/aqlinks.linux-x64-gnu.node']);
  });

  it('takes the prebuilt package where nothing was built', () => {
    const { asked, load } = loader(path => path.startsWith('@'));
    assert.equal(loadAddon(DEBIAN, load), ADDON);
    assert.deepEqual(asked, ['../dist/aqlinks.linux-x64-gnu.node', '@aqlinks/media-plane-linux-x64-gnu']);
  });

  it('says what to do where there is neither', () => {
    const { load } = loader(() => false);
    assert.throws(() => loadAddon(DEBIAN, load), /npm run build\. Else install the package @aqlinks\/media-plane-linux-x64-gnu/);
  });

  it('says why one that is there does not load, and tries no other', () => {
    const load = () => {
      throw new Error("version `GLIBC_2.99' not found");
    };
    assert.throws(
      () => loadAddon(DEBIAN, load),
      /in \.\.\/dist\/aqlinks\.linux-x64-gnu\.node cannot be loaded: version `GLIBC_2\.99'/,
    );
  });
});
