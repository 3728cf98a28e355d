import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isAway } from './errors.ts';
import {
  type Entry,
  leftSegments,
  lineOf,
  OpenSegment,
  readSegment,
  removeSegment,
  type Segment,
  segmentName,
} from './segments.ts';

export type { Entry } from './segments.ts';

/** Writes entries of one kind, in their order. Called again with the same ids after a crash: what is there already is left alone. */
export type WriteEntries = (entries: readonly Entry[]) => Promise<void>;

export interface JournalOptions {
  readonly folder: string;
  readonly limit: number; // bytes; what comes beyond is dropped and counted
  readonly log: JournalLog;
  readonly now: () => number; // ms since 1970
}

export interface JournalLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface JournalStats {
  readonly waiting: number; // entries
  readonly bytes: number;
  readonly dropped: number;
  readonly away: boolean; // the database took nothing at the last try
}

const GATHER = 50; // ms that entries wait for company
const BATCH = 200; // entries of one write
const SEGMENT = 1 << 20; // bytes, after which a new file begins
const IN_MEMORY = 4; // segments that wait with their entries; the others are read again
const FIRST_RETRY = 250; // ms
const LAST_RETRY = 5_000; // ms
const FAREWELL = 3_000; // ms that closing waits for the database

/**
 * What must reach the database although nobody waits for it: audit, events, sessions. Every entry goes to a file first, within
 * the turn of the event loop, so that neither the end of this process nor an absent database loses it; then into the database
 * in batches, in order. While the database is away the files grow up to the limit.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #writers = new Map<string, WriteEntries>();
  readonly #sealed: Segment[];
  readonly #startedAt: number;
  #open: OpenSegment;
  #number = 0;
  #buffer = '';
  #waiting: number;
  #bytes: number;
  #dropped = 0;
  #away = false;
  #state: 'preparing' | 'running' | 'closed' = 'preparing';
  #retry = FIRST_RETRY;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#sealed = leftSegments(options.folder);
    this.#bytes = this.#sealed.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#waiting = this.#sealed.reduce((sum, segment) => sum + readSegment(segment).length, 0);
    this.#open = this.#newSegment();
  }

  /** Before `start`: who writes entries of a kind. */
  handle(kind: string, write: WriteEntries): void {
    this.#writers.set(kind, write);
  }

  /** From now on the database is written to, first with what an earlier process left. */
  start(): void {
    if (this.#state !== 'preparing') return;
    this.#state = 'running';
    if (this.#waiting > 0) this.#options.log.info({ waiting: this.#waiting }, 'Writing what an earlier run left in the journal');
    this.#schedule(0);
  }

  /** Never throws and never waits. */
  append(kind: string, payload: unknown): void {
    const entry = { id: randomUUID(), kind, payload };
    const line = lineOf(entry);
    const bytes = Buffer.byteLength(line);
    if (this.#state === 'closed' || this.#bytes + bytes > this.#options.limit) {
      this.#drop(1, `The journal is ${this.#state === 'closed' ? 'closed' : 'full'}`);
      return;
    }
    if (this.#open.bytes + bytes > SEGMENT) this.#seal();
    this.#open.entries.push(entry);
    this.#open.bytes += bytes;
    this.#bytes += bytes;
    this.#waiting += 1;
    if (this.#buffer === '') setImmediate(() => this.#flush());
    this.#buffer += line;
    this.#schedule(GATHER);
  }

  stats(): JournalStats {
    return { waiting: this.#waiting, bytes: this.#bytes, dropped: this.#dropped, away: this.#away };
  }

  /** Resolves when all that was appended until now is in the database, or was tried in vain. */
  async settled(): Promise<void> {
    await this.#draining;
    if (this.#waiting > 0 && this.#state === 'running') await this.#drain();
  }

  /** What the database does not take in time stays in the files for the next start. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const late = new Promise<void>(resolve => setTimeout(resolve, FAREWELL).unref());
    await Promise.race([this.settled(), late]);
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#seal();
    if (this.#waiting > 0) this.#options.log.warn({ waiting: this.#waiting }, 'The journal waits for the next start');
  }

  #newSegment(): OpenSegment {
    this.#number += 1;
    return new OpenSegment(join(this.#options.folder, segmentName(this.#startedAt, this.#number)));
  }

  #flush(): void {
    const text = this.#buffer;
    this.#buffer = '';
    if (text === '') return;
    try {
      this.#open.write(text);
    } catch (error) {
      this.#options.log.error({ err: error }, 'The journal cannot be written: what waits is lost if this process ends');
    }
  }

  #seal(): void {
    this.#flush();
    if (this.#open.entries.length === 0) return;
    const { torn } = this.#open;
    const segment = this.#open.seal();
    if (this.#sealed.length >= IN_MEMORY && !torn) delete segment.entries;
    this.#sealed.push(segment);
    this.#open = this.#newSegment();
  }

  #schedule(delay: number): void {
    if (this.#state !== 'running' || this.#timer !== undefined || this.#draining !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#drain();
    }, delay);
    this.#timer.unref();
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#drainAll().finally(() => {
      this.#draining = undefined;
      if (this.#waiting > 0) this.#schedule(this.#away ? this.#retry : GATHER);
    });
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    for (;;) {
      if (this.#sealed.length === 0) this.#seal();
      const segment = this.#sealed[0];
      if (segment === undefined) return;
      try {
        await this.#writeSegment(segment);
      } catch (error) {
        return this.#wait(error);
      }
      this.#sealed.shift();
      this.#bytes -= segment.bytes;
      removeSegment(segment);
      this.#retry = FIRST_RETRY;
      if (this.#away)
        this.#options.log.info({ waiting: this.#waiting, dropped: this.#dropped }, 'The database takes entries again');
      this.#away = false;
    }
  }

  #wait(error: unknown): void {
    const { log } = this.#options;
    const fields = { waiting: this.#waiting, code: (error as { code?: unknown }).code };
    if (!this.#away) log.warn(fields, 'The database is away: calls go on, and what must be written waits in the journal');
    this.#away = true;
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
  }

  /** Rejects only where the database is away; then what was written is known, and not tried again. */
  async #writeSegment(segment: Segment): Promise<void> {
    const entries = segment.entries ?? readSegment(segment);
    for (let done = 0; done < entries.length; ) {
      const batch = nextBatch(entries, done);
      await this.#writeBatch(batch);
      done += batch.length;
      this.#waiting -= batch.length;
      segment.entries = entries.slice(done);
    }
  }

  /** An entry that the database refuses must not keep the others waiting for ever: it is found, named and dropped. */
  async #writeBatch(batch: readonly Entry[]): Promise<void> {
    const kind = batch[0]?.kind ?? '';
    const write = this.#writers.get(kind);
    if (write === undefined) return this.#drop(batch.length, `Nothing here writes entries of the kind ${kind}`);
    try {
      await write(batch);
    } catch (error) {
      if (isAway(error)) throw error;
      if (batch.length > 1) {
        for (const entry of batch) await this.#writeBatch([entry]);
        return;
      }
      this.#drop(1, `The database refuses an entry of the kind ${kind}`, error);
    }
  }

  #drop(count: number, why: string, error?: unknown): void {
    const first = this.#dropped === 0;
    this.#dropped += count;
    if (first || error !== undefined)
      this.#options.log.error({ dropped: this.#dropped, err: error }, `${why}: entries are dropped`);
  }
}

/** The longest run of one kind from there on. */
function nextBatch(entries: readonly Entry[], from: number): readonly Entry[] {
  let end = from + 1;
  while (end < entries.length && end - from < BATCH && entries[end]?.kind === entries[from]?.kind) end += 1;
  return entries.slice(from, end);
}
