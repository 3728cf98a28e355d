import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';

/** How long each of many took, in milliseconds, and how many there were a second. */
export interface Latencies {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export function latencies(durations: readonly number[], elapsed: number): Latencies {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { perSecond: (durations.length / elapsed) * 1_000, p50: at(0.5), p99: at(0.99), longest: at(1) };
}

/** What does `ask` in `atOnce` lines, each asking anew when it was answered, for so long. */
async function sustained(ask: () => Promise<void>, { atOnce, ms }: { atOnce: number; ms: number }): Promise<Latencies> {
  const durations: number[] = [];
  const begun = performance.now();
  const line = async () => {
    while (performance.now() - begun < ms) {
      const asked = performance.now();
      await ask();
      durations.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, line));
  return latencies(durations, performance.now() - begun);
}

export interface TokensOptions {
  readonly origin: string;
  readonly credentials: string;
  readonly atOnce: number;
  readonly ms: number;
  readonly idempotent: boolean;
}

/** `POST /tokens` over connections that are kept. */
export async function issueTokens({ origin, credentials, idempotent, ...load }: TokensOptions): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.atOnce });
  let number = 0;
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      number += 1;
      const body = JSON.stringify({ user_id: `user-${number}`, room: `room-${number % 100}`, user_type: 'guest', ttl: '1h' });
      const headers = {
        authorization: `Bearer ${credentials}`,
        'content-type': 'application/json',
        'content-length': body.length,
        ...(idempotent ? { 'idempotency-key': randomUUID() } : {}),
      };
      request(`${origin}/api/v1/tokens`, { method: 'POST', agent, headers }, response => {
        if (response.statusCode === 201) response.resume().once('end', resolve);
        else reject(new Error(`POST /tokens was answered with ${response.statusCode}.`));
      })
        .on('error', reject)
        .end(body);
    });
  await sustained(ask, { ...load, ms: Math.min(1_000, load.ms) }); // warm-up
  const measured = await sustained(ask, load);
  agent.destroy();
  return measured;
}

export interface JoinsOptions {
  readonly origin: string;
  readonly tokens: readonly string[];
  readonly atOnce: number;
}

/** From opening the socket to the first message of the server: the token is checked, the room is joined, the join is written down. */
export async function join({ origin, tokens, atOnce }: JoinsOptions): Promise<Latencies> {
  const durations: number[] = [];
  const waiting = [...tokens];
  const open: WebSocket[] = [];
  const begun = performance.now();
  const line = async () => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
      const asked = performance.now();
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/aq_server/websocket?token=${token}`);
      open.push(socket);
      await once(socket, 'message');
      durations.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, line));
  const measured = latencies(durations, performance.now() - begun);
  for (const socket of open) socket.terminate();
  return measured;
}
