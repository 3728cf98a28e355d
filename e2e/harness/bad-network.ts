import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newServer, type Server } from './server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One direction (bench/relay/src/impairment.rs). Milliseconds, kilobits a second, percent. */
export interface Impairment {
  readonly rateKbit?: number;
  readonly queueMs?: number;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly loss?: number;
  readonly bursts?: { readonly begin: number; readonly end: number; readonly loss: number };
  readonly reorder?: number;
  readonly reorderMs?: number;
  readonly duplicate?: number;
}

/** What is absent stays as it is. */
export interface Order {
  readonly up?: Impairment; // from the clients
  readonly down?: Impairment; // to the clients
  readonly shared?: boolean; // all clients behind one bottleneck
}

interface Counters {
  readonly received: number;
  readonly sent: number;
  readonly lost: number;
  readonly overflowed: number;
}

export interface BadNetwork {
  readonly server: Server;
  /** Counts from now on; answers what went through so far. */
  becomes(order: Order): Promise<{ readonly up: Counters; readonly down: Counters }>;
}

/** A server whose media goes through an impairing relay, whoever the client is: the relay's address is announced. */
export async function newServerBehindBadNetwork(
  t: TestContext,
  seed: number,
  env: Record<string, string> = {},
): Promise<BadNetwork> {
  const relay = spawn('cargo', ['run', '--quiet', '--package', 'aqlinks-relay', '--', '--seed', String(seed)], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(relay, 'exit');
  t.after(async () => {
    relay.stdin.end(); // it ends with its input
    await exit;
  });
  const lines = createInterface({ input: relay.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the relay has ended');
    return JSON.parse(value) as T;
  };
  const { addresses } = await answer<{ addresses: string[] }>();
  const mediaPort = await freeUdpPort();
  const tell = async (order: Order & { to?: string[] }) => {
    relay.stdin.write(`${JSON.stringify(order)}\n`);
    const report = await answer<{ up: Counters; down: Counters; error?: string }>();
    if (report.error !== undefined) throw new Error(`the relay refused: ${report.error}`);
    return report;
  };
  await tell({ to: [`127.0.0.1:${mediaPort}`] });
  const server = await newServer(t, {
    MEDIA_ADDRESS: '127.0.0.1',
    MEDIA_PORT: String(mediaPort),
    MEDIA_ANNOUNCED_PORT: addresses[0]?.split(':')[1] ?? '',
    MEDIA_TCP: 'false',
    MEDIA_WORKERS: '1',
    ...env,
  });
  return { server, becomes: tell };
}

async function freeUdpPort(): Promise<number> {
  const probe = createSocket('udp4').bind(0);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
