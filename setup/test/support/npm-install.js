import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/**
 * Installs packages into a folder. npm itself was seen to stand still for good once, on a busy machine, without a connection
 * open and deaf to SIGTERM: then it is ended and asked again. What it refuses is not tried again.
 * @param {readonly string[]} packages
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 */
export function npmInstall(packages, cwd, env) {
  for (let tries = 3; ; tries--) {
    const { status, signal, error } = spawnSync(
      'npm',
      ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', ...packages],
      { cwd, env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 90_000, killSignal: 'SIGKILL' },
    );
    if (status === 0) return;
    assert.ok(signal === 'SIGKILL' && tries > 1, `npm install ended with ${status ?? signal ?? error}`);
  }
}
