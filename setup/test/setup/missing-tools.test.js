import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureRust, ensureSystemTool } from '../../tools.js';

/**
 * A machine that has nothing but a shell and these scripts.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} scripts
 */
function onMachineWith(t, scripts) {
  const shell = execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim();
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-machine-'));
  const { PATH, HOME } = process.env;
  t.after(() => {
    Object.assign(process.env, { PATH, HOME });
    rmSync(folder, { recursive: true });
  });
  symlinkSync(shell, join(folder, 'sh'));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!${shell}\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  Object.assign(process.env, { PATH: folder, HOME: folder });
  return folder;
}

test('without a package manager that we know, what is missing is named', async t => {
  onMachineWith(t, {});
  await assert.rejects(ensureSystemTool('chromium'), /Chromium .* is missing.*\n\n {4}install chromium with the package manager/);
});

test('where an installation fails, the command to try is said', async t => {
  onMachineWith(t, { 'apt-get': 'exit 1', sudo: 'exit 1' });
  await assert.rejects(
    ensureSystemTool('compiler'),
    /a C compiler .*\n\n {4}sudo apt-get update && sudo apt-get install -y build-essential/,
  );
});

test('what is missing is installed where that is allowed', async t => {
  const install =
    'echo "$@" >>"$HOME/log"; case "$*" in *install*) : >"$HOME/firefox-esr"; /bin/chmod +x "$HOME/firefox-esr";; esac';
  onMachineWith(t, { 'apt-get': install, sudo: 'shift; exec "$@"' });
  await ensureSystemTool('firefox');
  await ensureSystemTool('firefox'); // is there now
});

test('without Rust, or with one that is too old, the way to get it is said', t => {
  const folder = onMachineWith(t, {});
  assert.throws(ensureRust, /there is no cargo here.*\n\n {4}curl .*rustup/);
  writeFileSync(join(folder, 'cargo'), '#!/bin/sh\necho "cargo 1.63.0"', { mode: 0o755 });
  assert.throws(ensureRust, /this is 1\.63\.0.*\n\n {4}curl .*rustup/);
});
