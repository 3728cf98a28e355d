import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SqliteError } from '../../src/store/errors.ts';
import { type Entry, Journal, type JournalOptions } from '../../src/store/journal.ts';
import { newFolder } from '../support/both-databases.ts';

/** A database that takes what it is given, while it is there. */
class Taker {
  readonly taken: Entry[] = [];
  error: Error | undefined;

  readonly write = async (entries: readonly Entry[]) => {
    if (this.error !== undefined) throw this.error;
    const known = new Set(this.taken.map(({ id }) => id));
    this.taken.push(...entries.filter(({ id }) => !known.has(id)));
  };

  get payloads() {
    return this.taken.map(({ payload }) => payload);
  }
}

const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

function newJournal(t: TestContext, taker: Taker, options: Partial<JournalOptions> = {}) {
  const lines: string[] = [];
  const line = (_fields: object, message: string) => lines.push(message);
  const log = { info: line, warn: line, error: line };
  const journal = new Journal({ folder: newFolder(t), limit: 1 << 20, log, now: Date.now, ...options });
  for (const kind of ['audit', 'event']) journal.handle(kind, taker.write);
  journal.start();
  t.after(() => journal.close());
  return { journal, lines };
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

test('what is appended reaches the database in order, and leaves no file', async t => {
  const taker = new Taker();
  const folder = newFolder(t);
  const { journal } = newJournal(t, taker, { folder });
  for (const number of numbers(1_000)) journal.append(number % 7 === 0 ? 'event' : 'audit', number);
  await journal.settled();
  assert.deepEqual(taker.payloads, numbers(1_000));
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(journal.stats(), { waiting: 0, bytes: 0, dropped: 0, away: false });
});

test('while the database is away all waits, and afterwards it comes in order', async t => {
  const taker = new Taker();
  taker.error = AWAY;
  const { journal, lines } = newJournal(t, taker);
  for (const number of numbers(10)) journal.append('audit', number);
  await journal.settled();
  for (const number of numbers(10, 10)) journal.append('event', number);
  await journal.settled();
  assert.equal(journal.stats().away, true);
  assert.equal(journal.stats().waiting, 20);
  assert.equal(lines.filter(line => /database is away/.test(line)).length, 1, 'said once');
  taker.error = undefined;
  await journal.settled();
  assert.deepEqual(taker.payloads, numbers(20));
  assert.equal(journal.stats().away, false);
});

test('what waits in many files is read again', async t => {
  const taker = new Taker();
  taker.error = AWAY;
  const { journal } = newJournal(t, taker, { limit: 1 << 25 });
  const filling = 'x'.repeat(100_000);
  for (const number of numbers(100)) journal.append('audit', { number, filling });
  await journal.settled();
  taker.error = undefined;
  await journal.settled();
  assert.deepEqual(
    taker.payloads.map(payload => (payload as { number: number }).number),
    numbers(100),
  );
});

test('a full journal drops what comes, says so and counts it', async t => {
  const taker = new Taker();
  taker.error = AWAY;
  const { journal, lines } = newJournal(t, taker, { limit: 10_000 });
  for (const number of numbers(100)) journal.append('audit', { number, filling: 'x'.repeat(400) });
  const { waiting, bytes, dropped } = journal.stats();
  assert.ok(bytes <= 10_000 && waiting > 10, `${waiting} wait in ${bytes} bytes`);
  assert.equal(waiting + dropped, 100);
  assert.match(lines.join('\n'), /journal is full: entries are dropped/);
  taker.error = undefined;
  await journal.settled();
  assert.equal(taker.taken.length, waiting);
  journal.append('audit', 'there is room again');
  await journal.settled();
  assert.equal(taker.payloads.at(-1), 'there is room again');
});

test('what a process left is written by the next one, without what was torn', async t => {
  const folder = newFolder(t);
  const gone = new Taker();
  gone.error = AWAY;
  const { journal: first } = newJournal(t, gone, { folder });
  for (const number of numbers(5)) first.append('audit', number);
  await nextTurn(); // it is in the file now, and the process ends here
  const [file = ''] = readdirSync(folder);
  appendFileSync(join(folder, file), '["torn","audit",{"a":');

  const taker = new Taker();
  const { journal: second } = newJournal(t, taker, { folder });
  assert.equal(second.stats().waiting, 5);
  second.append('audit', 5);
  await second.settled();
  assert.deepEqual(taker.payloads, numbers(6));
});

test('files of a process that lives are left alone', async t => {
  const folder = newFolder(t);
  mkdirSync(folder, { recursive: true });
  const foreign = `000000000000001-${process.ppid}-000000001.jsonl`;
  writeFileSync(join(folder, foreign), '["a","audit",1]\n');
  const taker = new Taker();
  const { journal } = newJournal(t, taker, { folder });
  await journal.settled();
  assert.deepEqual(readdirSync(folder), [foreign]);
});

test('an entry that the database refuses is named and dropped, and those around it are written', async t => {
  const taker = new Taker();
  const { journal, lines } = newJournal(t, taker);
  journal.handle('picky', async entries => {
    if (entries.some(({ payload }) => payload === 3)) throw new SqliteError('CHECK constraint failed', 275);
    await taker.write(entries);
  });
  for (const number of numbers(6)) journal.append('picky', number);
  journal.append('nobody', 0);
  await journal.settled();
  assert.deepEqual(taker.payloads, [0, 1, 2, 4, 5]);
  assert.equal(journal.stats().dropped, 2);
  assert.match(lines.join('\n'), /refuses an entry of the kind picky[\s\S]*/);
});

test('closing writes what waits; without a database it stays for the next start', async t => {
  const folder = newFolder(t);
  const taker = new Taker();
  const { journal } = newJournal(t, taker, { folder });
  journal.append('audit', 1);
  await journal.close();
  assert.deepEqual(taker.payloads, [1]);

  const away = new Taker();
  away.error = AWAY;
  const { journal: second, lines } = newJournal(t, away, { folder });
  second.append('audit', 2);
  await second.close();
  await second.close();
  assert.equal(readdirSync(folder).length, 1);
  assert.match(lines.join('\n'), /waits for the next start/);
});
