import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Coturn {
  readonly url: string; // turn:127.0.0.1:port
  readonly secret: string;
  /** What it wrote so far. */
  output(): string;
}

const EXECUTABLE = process.env.TURNSERVER ?? '/usr/bin/turnserver';

/** A real TURN server on loopback, ended with the test. It relays to loopback, which it would otherwise refuse. */
export async function newCoturn(t: TestContext): Promise<Coturn> {
  const port = await freeUdpPort();
  const folder = await mkdtemp(join(tmpdir(), 'aqlinks-coturn-'));
  const secret = 'shared-with-coturn-in-a-test';
  const options = [
    ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--fingerprint', '--use-auth-secret', '--allow-loopback-peers', '--verbose'],
    ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--realm=aqlinks.test'],
    ...[
      `--static-auth-secret=${secret}`,
      '--log-file=stdout',
      `--pidfile=${join(folder, 'pid')}`,
      `--userdb=${join(folder, 'db')}`,
    ],
  ];
  const child = spawn(EXECUTABLE, options, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes(`UDP listener opened on: 127.0.0.1:${port}`)) resolve();
      });
    child.once('exit', code => reject(new Error(`coturn ended with ${code}:\n${printed}`)));
    child.once('error', reject);
  });
  const exit = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exit;
    await rm(folder, { recursive: true, force: true });
  });
  await ready;
  return { url: `turn:127.0.0.1:${port}`, secret, output: () => printed };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
