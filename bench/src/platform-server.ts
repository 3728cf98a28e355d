import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, startServer } from '@aqlinks/server';
import { InMemoryMediaPlane } from '../../server/src/media/in-memory.ts';

// The whole control plane with its store, as a process: prints its origin, ends with its stdin. Media stay in memory: what is
// measured is the door, not the packets.

const dataDir = mkdtempSync(join(tmpdir(), 'aqlinks-bench-'));
const server = await startServer(
  {
    ...{ serverAddr: '127.0.0.1:0', dataDir, jwtSecret: process.env.BENCH_SECRET, apiKeys: `bench:${process.env.BENCH_SECRET}` },
    ...{ maxParticipants: 100_000, maxParticipantsPerRoom: 1_000 },
  },
  {
    environment: {},
    plane: new InMemoryMediaPlane(),
    log: createLog({ level: 'warn', pretty: false, destination: process.stderr }),
  },
);
process.stdout.write(`${server.origin}\n`);
process.stdin.resume().once('end', async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});
