import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { signToken } from '@aqlinks/server';
import { verifyToken } from '../../server/src/auth/verify-token.ts';
import { start } from './child.ts';
import { issueTokens, join, type Latencies } from './platform-load.ts';

// What the platform behind the tokens costs: `POST /tokens`, joins with the store on, and the check of one token.

export interface PlatformResults {
  readonly tokens: Latencies; // 8 at once
  readonly idempotentTokens: Latencies; // each also written to the disk before it is answered
  readonly joins: Latencies; // 8 at once
  readonly validation: number; // microseconds of one token
}

const AT_ONCE = 8;
const ROOM = 40; // people a room: joining tells all who are in it
const LIFETIME = 3_600_000; // ms

export async function measurePlatform({ seconds, joins }: { seconds: number; joins: number }): Promise<PlatformResults> {
  const secret = randomBytes(32).toString('base64url');
  const server = start({
    command: process.execPath,
    args: [fileURLToPath(new URL('platform-server.ts', import.meta.url))],
    env: { ...process.env, BENCH_SECRET: secret },
  });
  try {
    const origin = await server.line(line => (line.startsWith('http') ? line : undefined), 30);
    const load = { origin, credentials: `bench:${secret}`, atOnce: AT_ONCE, ms: seconds * 1_000 };
    const key = new TextEncoder().encode(secret);
    const sign = async (index: number) => {
      const identity = { user_id: `u${index}`, room: `join-${Math.floor(index / ROOM)}` };
      return (await signToken(identity, { secret: key, lifetime: LIFETIME, now: Date.now() })).token;
    };
    const tickets = await Promise.all(Array.from({ length: joins }, (_, index) => sign(index)));
    return {
      tokens: await issueTokens({ ...load, idempotent: false }),
      idempotentTokens: await issueTokens({ ...load, idempotent: true }),
      joins: await join({ origin, tokens: tickets, atOnce: AT_ONCE }),
      validation: await validate(await sign(0), key),
    };
  } finally {
    await server.stop();
  }
}

const VALIDATIONS = 20_000;

/** In this process: signature, shape and times of one token, as each join has it checked. */
async function validate(token: string, secret: Uint8Array): Promise<number> {
  const options = { secret, keys: () => undefined, clockTolerance: 5_000, now: Date.now };
  for (let index = 0; index < VALIDATIONS / 10; index++) await verifyToken(token, options);
  const begun = performance.now();
  for (let index = 0; index < VALIDATIONS; index++) await verifyToken(token, options);
  return ((performance.now() - begun) / VALIDATIONS) * 1_000;
}

export function platformTable({ tokens, idempotentTokens, joins, validation }: PlatformResults): string {
  const row = (name: string, { perSecond, p50, p99, longest }: Latencies) =>
    [name.padEnd(34), perSecond.toFixed(0).padStart(9), ...[p50, p99, longest].map(ms => ms.toFixed(1).padStart(9))].join('');
  return [
    ['the platform, 8 at once'.padEnd(34), ...['a second', 'p50 ms', 'p99 ms', 'max ms'].map(head => head.padStart(9))].join(''),
    row('POST /tokens', tokens),
    row('POST /tokens, Idempotency-Key', idempotentTokens),
    row('joins, to the first message', joins),
    `the check of one token: ${validation.toFixed(0)} µs`,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${platformTable(await measurePlatform({ seconds: Number(process.argv[2] ?? 5), joins: 500 }))}\n`);
}
