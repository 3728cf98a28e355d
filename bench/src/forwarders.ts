import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './child.ts';
import type { Target } from './load.ts';

/** The machine's two sides of a measurement. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Gives `use` a running bare limit (bench/load/src/limit.rs). */
export async function withLimit<T>(
  binary: string,
  { gso }: { readonly gso: boolean },
  use: (target: Extract<Target, { type: 'limit' }>) => Promise<T>,
): Promise<T> {
  const child = start({ command: binary, args: gso ? [] : ['--no-gso'], core: SERVER_CORE });
  try {
    const address = await child.line(line => (JSON.parse(line) as { address?: string }).address, 10);
    return await use({ type: 'limit', pid: child.pid, address });
  } finally {
    await child.stop();
  }
}

/** Gives `use` an aqlinks that was started as in production: `aqlinks start`, settings in the environment. */
export async function withServer<T>(
  root: string,
  use: (target: Extract<Target, { type: 'server' }>) => Promise<T>,
  workers = 1,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'aqlinks-bench-'));
  const secret = randomBytes(32).toString('hex');
  const env = {
    PATH: process.env.PATH,
    ENVIRONMENT: 'production',
    JWT_SECRET: secret,
    SERVER_ADDR: '127.0.0.1:0',
    MEDIA_ADDRESS: '127.0.0.1',
    MEDIA_PORT: '0',
    MEDIA_WORKERS: String(workers),
    MAX_PARTICIPANTS_PER_ROOM: '1000',
    DATA_DIR: folder,
    LOG_LEVEL: 'info',
  };
  const args = [join(root, 'cli/src/main.ts'), 'start'];
  const child = start({ command: process.execPath, args, core: SERVER_CORE, env, cwd: folder });
  try {
    const url = await child.line(webSocketUrl, 30);
    return await use({ type: 'server', pid: child.pid, url, secret });
  } finally {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the line that says that the server listens. */
function webSocketUrl(line: string): string | undefined {
  try {
    return (JSON.parse(line) as { webSocketUrl?: string }).webSocketUrl;
  } catch {
    return undefined; // a warning of Node's own
  }
}
