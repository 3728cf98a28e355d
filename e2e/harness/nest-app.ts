import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('../../examples/nestjs/', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

/** `examples/nestjs`, built as its README says and run in a process of its own. Resolves with its origin. */
export async function newNestApp(t: TestContext, port: number, env: Readonly<Record<string, string>>): Promise<string> {
  const built = spawn(process.execPath, [TSC, '--project', EXAMPLE], { stdio: 'inherit' });
  const [code] = await once(built, 'exit');
  if (code !== 0) throw new Error('The example does not compile.');
  const app = spawn(process.execPath, ['dist/main.js'], {
    cwd: EXAMPLE,
    env: { PATH: process.env.PATH ?? '', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(async () => {
    if (app.exitCode !== null) return;
    app.kill('SIGKILL');
    await once(app, 'exit');
  });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [app.stdout, app.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        printed += text;
        if (printed.includes('The page is at')) resolve();
      });
    }
    app.once('exit', () => reject(new Error(`The example ended:\n${printed}`)));
  });
  return `http://127.0.0.1:${port}`;
}
