import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findNode } from './node24.js';
import { inRoot, ROOT } from './paths.js';

/**
 * Parts of the documentation that are made from the code: between `<!-- generated: NAME -->` and `<!-- end -->`.
 * @typedef {{ file: string, name: string, make: () => string }} Generated
 * @type {readonly Generated[]}
 */
export const GENERATED = [
  { file: 'docs/configuration.md', name: 'settings', make: settings },
  { file: 'docs/metrics.md', name: 'metrics', make: metrics },
];

function settings() {
  return execFileSync(findNode(), [inRoot('cli', 'src', 'main.ts'), 'config', '--markdown'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
}

/** From what a server without media says of itself. */
const ASK_A_SERVER = `
  const { startServer } = await import('./server/src/index.ts');
  const { InMemoryMediaPlane } = await import('./server/src/media/in-memory.ts');
  const options = { serverAddr: '127.0.0.1:0', jwtSecret: crypto.randomUUID() + crypto.randomUUID(), logLevel: 'silent' };
  const server = await startServer(options, { environment: {}, plane: new InMemoryMediaPlane(1) });
  console.log(await (await fetch(server.origin + '/metrics')).text());
  await server.close();
  process.exit(0);
`;

function metrics() {
  const text = execFileSync(findNode(), ['--input-type=module', '--eval', ASK_A_SERVER], { cwd: ROOT, encoding: 'utf8' });
  const rows = [...text.matchAll(/^# HELP (aqlinks_\w+) (.+)\n# TYPE \w+ (\w+)/gm)].map(
    ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
  );
  return ['| name | type | meaning |', '|---|---|---|', ...rows].join('\n');
}

/**
 * A page with its part of that name made anew.
 * @param {Generated} part
 */
export function withPart({ file, name, make }) {
  const page = readFileSync(inRoot(file), 'utf8');
  const begin = `<!-- generated: ${name} -->\n`;
  const from = page.indexOf(begin);
  const to = page.indexOf('\n<!-- end -->', from);
  if (from === -1 || to === -1) throw new Error(`${file} has no part ${name}`);
  return `${page.slice(0, from + begin.length)}\n${make()}\n${page.slice(to)}`;
}
