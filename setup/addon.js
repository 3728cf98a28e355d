import { existsSync, readdirSync } from 'node:fs';
import { findNode } from './node24.js';
import { inRoot } from './paths.js';
import { runOrFail } from './run.js';
import { hashOf, isStamped, stamp } from './stamp.js';
import { ensureRust, ensureSystemTool } from './tools.js';

const SOURCES = [
  'Cargo.toml',
  'Cargo.lock',
  'media-plane/build.js',
  'media-plane/forwarder',
  'media-plane/udp',
  'media-plane/node',
];

const hash = () => hashOf(SOURCES);
const isThere = () =>
  existsSync(inRoot('media-plane', 'dist')) && readdirSync(inRoot('media-plane', 'dist')).some(name => name.endsWith('.node'));

/** The media plane as a Node addon, built from its Rust sources. */
export const addon = {
  what: 'building the media plane (two to four minutes the first time, on two cores)',
  isDone: () => isThere() && isStamped('addon', hash()),
  async do() {
    await ensureSystemTool('compiler');
    ensureRust();
    const before = hash();
    await runOrFail(findNode(), [inRoot('media-plane', 'build.js')]);
    stamp('addon', before); // what was there when the build began: a change meanwhile builds again
  },
};
