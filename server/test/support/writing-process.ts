import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/store.ts';
import type { IssuedToken } from '../../src/store/tokens.ts';

/**
 * A process that writes until it is killed, and says what is written: `node writing-process.ts DATA_DIR ROUND`. It begins when a
 * line comes on its stdin. `room NAME`: committed. `token JTI`: in the journal. What is said is said before the next write begins.
 */
const [, , dataDir = '', round = ''] = process.argv;
await once(createInterface(process.stdin), 'line');

const log = { info() {}, warn() {}, error: console.error };
const store = await openStore({ dataDir, databaseUrl: undefined, masterKey: undefined, log, now: Date.now });
const journal = new Journal({ folder: join(dataDir, 'journal'), limit: 1 << 26, log, now: Date.now });
journal.handle('token', async entries => {
  for (const { payload } of entries) await store.tokens.add(payload as IssuedToken);
});
journal.start();

/** At once: nothing waits in this process. */
function say(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error; // the pipe is full: whoever reads is slower
    }
  }
}

async function writeLane(lane: number): Promise<never> {
  for (let number = 0; ; number += 1) {
    const name = `${round}-${lane}-${number}`;
    await store.rooms.put('default', name, { metadata: 'x'.repeat(number % 3_000) });
    say(`room ${name}`);
    const nobody = { key: undefined, room: undefined, role: undefined, permissions: undefined, refreshedFrom: undefined };
    journal.append('token', {
      ...nobody,
      jti: name,
      project: 'default',
      userId: 'u',
      issuedAt: 0,
      expiresAt: Number.MAX_SAFE_INTEGER,
    });
    await nextTurn(); // it is in the file after this
    say(`token ${name}`);
  }
}

await Promise.all([writeLane(0), writeLane(1), writeLane(2)]);
