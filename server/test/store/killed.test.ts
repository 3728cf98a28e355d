import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/store.ts';
import type { IssuedToken } from '../../src/store/tokens.ts';
import { newFolder } from '../support/both-databases.ts';

const PROGRAM = new URL('../support/writing-process.ts', import.meta.url).pathname;
const KILLS = 50;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Numbers between 0 and 1 that a seed repeats (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`killed ${KILLS} times in the middle of its writes, it has lost nothing that it acknowledged (seed ${SEED})`, async t => {
  const folder = newFolder(t);
  const next = random(SEED);
  const rooms = new Set<string>();
  const tokens = new Set<string>();
  const spawnWriter = (round: number) =>
    spawn(process.execPath, [PROGRAM, folder, String(round)], { stdio: ['pipe', 'pipe', 'inherit'] });

  /** Lets it write until it has said so many lines, and kills it at some moment of what comes then. */
  async function killAfter(writer: ChildProcess, lines: number): Promise<void> {
    const exited = once(writer, 'exit');
    writer.stdin?.write('go\n');
    assert.ok(writer.stdout);
    let said = 0;
    for await (const line of createInterface(writer.stdout)) {
      // to its end: what was said before the kill may come after it
      const [kind, name = ''] = line.split(' ');
      (kind === 'room' ? rooms : tokens).add(name);
      said += 1;
      if (said === lines) writer.kill('SIGKILL');
    }
    assert.deepEqual(await exited, [null, 'SIGKILL']);
  }

  let writer = spawnWriter(0);
  t.after(() => writer.kill('SIGKILL'));
  for (let round = 1; round <= KILLS; round += 1) {
    const following = spawnWriter(round); // starts while this one writes, and waits
    await killAfter(writer, 1 + Math.floor(next() * 120));
    writer = following;
    if (round % 10 === 0) checkFile(folder, rooms);
  }
  writer.kill('SIGKILL');

  const log = { info() {}, warn() {}, error: console.error };
  const store = await openStore({ dataDir: folder, databaseUrl: undefined, masterKey: undefined, log, now: Date.now });
  t.after(() => store.close());
  const journal = new Journal({ folder: join(folder, 'journal'), limit: 1 << 26, log, now: Date.now });
  journal.handle('token', async entries => {
    for (const { payload } of entries) await store.tokens.add(payload as IssuedToken);
  });
  journal.start();
  await journal.settled();
  const kept = new Set((await store.database.selectFrom('tokens').select('jti').execute()).map(({ jti }) => jti));
  assert.deepEqual(
    [...tokens].filter(jti => !kept.has(jti)),
    [],
  );
  assert.ok(rooms.size > KILLS && tokens.size > KILLS, `${rooms.size} rooms and ${tokens.size} tokens were acknowledged`);
  t.diagnostic(`${rooms.size} commits and ${tokens.size} entries of the journal were acknowledged, and all are there`);
});

/** As another program sees the file: whole, with all that was acknowledged, and nothing half done. */
function checkFile(folder: string, acknowledged: ReadonlySet<string>): void {
  const database = new DatabaseSync(join(folder, 'aqlinks.db'));
  const column = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map(row => Object.values(row)[0]);
  assert.deepEqual(column('pragma integrity_check'), ['ok']);
  const there = new Set(column('select name from rooms'));
  assert.deepEqual(
    [...acknowledged].filter(name => !there.has(name)),
    [],
  );
  assert.deepEqual(
    column('select name from rooms where name not in (select subject from changes)'),
    [],
    'rooms without their change',
  );
  assert.deepEqual(
    column('select subject from changes where subject not in (select name from rooms)'),
    [],
    'changes without their room',
  );
  assert.deepEqual(column('select max(sequence) - count(*) from changes'), [0], 'no gap in the feed');
  assert.deepEqual(column("select value - (select count(*) from changes) from counters where name = 'changes'"), [0]);
  database.close();
}
