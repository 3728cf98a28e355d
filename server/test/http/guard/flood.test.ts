import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { signToken } from '../../../src/auth/sign-token.ts';

const SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const SLOWER = 1.2; // at most
const WINDOWS = 12; // of each kind, taken in turns
const JOINS = 20; // in each
const TRIES = 4; // other programs on the machine disturb both kinds, and not always alike

async function newProcess(t: TestContext): Promise<number> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'aqlinks-test-'));
  const { PATH = '' } = process.env;
  const settings = {
    JWT_SECRET: SECRET,
    ENVIRONMENT: 'production',
    SERVER_ADDR: '127.0.0.1:0',
    MEDIA_PORT: '0',
    MEDIA_WORKERS: '1',
  };
  const server = spawn(process.execPath, [here('../../../src/main.ts')], {
    cwd: folder,
    env: { PATH, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  let text = '';
  return new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error(`The server ended: ${text}`)));
    server.stdout.on('data', chunk => {
      text += chunk;
      const port = /:(\d+)\/aq_server\/"/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

/** From the first byte to the first offer, in ms. */
async function join(port: number, userId: string): Promise<number> {
  const secret = new TextEncoder().encode(SECRET);
  const { token } = await signToken({ user_id: userId, room: userId }, { secret, lifetime: 60_000, now: Date.now() });
  const begin = performance.now();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?token=${token}`, { localAddress: '127.0.0.3' });
  await once(socket, 'message');
  const took = performance.now() - begin;
  socket.terminate();
  await once(socket, 'close');
  return took;
}

const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;

async function ask(child: ChildProcess, message: number): Promise<unknown> {
  child.send(message);
  return (await once(child, 'message'))[0];
}

test('a flood of bad tokens from one address slows the joins of others by less than a fifth', { timeout: 120_000 }, async t => {
  const server = await newProcess(t);
  const attacker = fork(here('attacker.ts'), ['127.0.0.2']);
  const decoy = fork(here('decoy.ts'));
  t.after(() => [attacker, decoy].map(child => child.disconnect()));
  const [{ port: elsewhere }] = (await once(decoy, 'message')) as [{ port: number }];
  for (let warm = 0; warm < 50; warm += 1) await join(server, `warm ${warm}`);

  const ratios: number[] = [];
  while (ratios.length < TRIES && !ratios.some(ratio => ratio <= SLOWER)) {
    // The machine is as busy in both: the same attacker attacks either our server or a process that only cuts off.
    const times = { elsewhere: [] as number[], here: [] as number[] };
    const before = Number(await ask(attacker, 0));
    for (let window = 0; window < WINDOWS; window += 1) {
      for (const where of ['elsewhere', 'here'] as const) {
        await ask(attacker, where === 'here' ? server : elsewhere);
        for (let each = 0; each < JOINS; each += 1) times[where].push(await join(server, `good ${each}`));
      }
    }
    const attempts = Number(await ask(attacker, 0)) - before;
    assert.ok(attempts > 500, `the attacker made only ${attempts} attempts`);
    ratios.push(median(times.here) / median(times.elsewhere));
    t.diagnostic(`${attempts} attempts; joins take ${ratios.at(-1)?.toFixed(2)} times as long under attack`);
  }
  assert.ok(Math.min(...ratios) <= SLOWER, `joins took ${ratios.map(ratio => ratio.toFixed(2)).join(', ')} times as long`);
});
