import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Host } from './two-networks.ts';

const CLI = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

/** A real aqlinks in a process of its own, as `aqlinks start` runs it, with ports and data of its own. */
export interface Server {
  readonly origin: string; // http://127.0.0.1:port
  readonly page: string;
  readonly pid: number;
  /** All that it printed so far. */
  output(): string;
  token(claims: { user_id: string } & Record<string, unknown>): string;
  socketUrl(token: string): string;
  rooms(): Promise<{ room_id: string; peer_count: number }[]>;
  /** Asks it to end; its exit code. */
  stop(): Promise<number | null>;
  /** As when the machine fails. */
  kill(): Promise<number | null>;
  /** Again, at the same address, with the same secret. */
  start(): Promise<void>;
}

/** Where it runs: by default on loopback of this machine. */
export interface Place extends Host {
  readonly address: string;
}

const HERE: Place = { run: [], address: '127.0.0.1' };

export async function newServer(t: TestContext, env: Record<string, string> = {}, place: Place = HERE): Promise<Server> {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'aqlinks-e2e-'));
  const secret = randomBytes(32).toString('hex');
  let printed = '';
  let child: ChildProcess | undefined;
  const origin = `http://${place.address}:${port}`;
  const [command = '', ...before] = [...place.run, process.execPath];
  const get = async (path: string) => {
    const [program = '', ...words] = [...place.run, 'curl', '--silent', '--fail', `${origin}${path}`]; // fetch knows no other machine
    return JSON.parse((await promisify(execFile)(program, words)).stdout);
  };
  const start = async () => {
    const started = spawn(command, [...before, CLI, 'start'], {
      cwd: data,
      env: {
        ...process.env,
        JWT_SECRET: secret,
        SERVER_ADDR: `${place.address}:${port}`,
        MEDIA_PORT: '0',
        DATA_DIR: data,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await answering(
      () => get('/health'),
      started,
      () => printed,
    );
  };
  const stop = (signal: NodeJS.Signals) => (child === undefined ? Promise.resolve(null) : stopped(child, signal));
  t.after(async () => {
    await stop('SIGTERM');
    await rm(data, { recursive: true, force: true });
  });
  await start();
  return {
    origin,
    page: `${origin}/aq_server/`,
    get pid() {
      return child?.pid ?? 0;
    },
    output: () => printed,
    token: claims => sign({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims }, secret),
    socketUrl: token => `ws://${place.address}:${port}/aq_server/websocket?token=${token}`,
    rooms: async () => (await get('/rooms')).rooms,
    stop: () => stop('SIGTERM'),
    kill: () => stop('SIGKILL'),
    start,
  };
}

/** As an embedder's backend signs: HS256 by hand, so that no code of ours is on both ends. */
function sign(claims: Record<string, unknown>, secret: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  probe.close();
  await once(probe, 'close');
  return address.port;
}

async function answering(ask: () => Promise<unknown>, child: ChildProcess, printed: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${printed()}`);
    const ok = await ask().then(
      () => true,
      () => false,
    );
    if (ok) return;
    await new Promise(resolve => setTimeout(resolve, 50)); // nothing tells when a port begins to answer
  }
  throw new Error(`the server did not answer:\n${printed()}`);
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(force);
  return child.exitCode;
}
