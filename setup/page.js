import { existsSync } from 'node:fs';
import { inRoot } from './paths.js';
import { runOrFail } from './run.js';
import { hashOf, isStamped, stamp } from './stamp.js';

const hash = () => hashOf(['web', 'client', 'protocol', 'tsconfig.base.json']);

/** The page that the server serves, built from web/. */
export const page = {
  what: 'building the page (some seconds)',
  isDone: () => existsSync(inRoot('web', 'dist', 'index.html')) && isStamped('page', hash()),
  async do() {
    const before = hash();
    await runOrFail('npm', ['run', '--silent', 'build', '--workspace', 'web']);
    stamp('page', before);
  },
};
