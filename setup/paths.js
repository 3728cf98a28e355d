import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/** What the set-up remembers between runs; safe to delete. */
export const STATE = join(ROOT, '.setup');

/** @param {...string} parts */
export const inRoot = (...parts) => join(ROOT, ...parts);

/** The environment for tools: ours first, and cargo even where the shell has not been told of it yet. */
export function toolEnvironment() {
  const path = [inRoot('node_modules', '.bin'), process.env.PATH ?? '', join(homedir(), '.cargo', 'bin')].join(delimiter);
  return { ...process.env, PATH: path };
}
