import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { findNode } from './node24.js';
import { inRoot } from './paths.js';
import { prepare } from './prepare.js';
import { fail } from './setup-error.js';

// npm start: set up what is not set up yet, then serve.
try {
  await prepare(['packages', 'addon', 'page']);
  serve(process.argv.slice(2));
} catch (error) {
  fail(error);
}

/** @param {readonly string[]} args */
function serve(args) {
  const { bin } = JSON.parse(readFileSync(inRoot('cli', 'package.json'), 'utf8'));
  const server = spawn(findNode(), [inRoot('cli', bin.aqlinks), 'start', ...args], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // A terminal sends Ctrl+C to the server as well: told twice, it would not wait for its participants.
    const hasItAlready = signal === 'SIGINT' && process.stdin.isTTY;
    process.on(signal, () => hasItAlready || server.kill(signal));
  }
  server.on('error', fail);
  server.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}
