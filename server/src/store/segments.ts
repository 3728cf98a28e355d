import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The files of the journal: lines of JSON, each file written by one process and deleted when all its lines are in the database. */

export interface Entry {
  readonly id: string; // what is written twice after a crash is known by it
  readonly kind: string;
  readonly payload: unknown;
}

/** A file that is complete. */
export interface Segment {
  readonly file: string;
  readonly bytes: number;
  /** Absent: they are only on the disk. */
  entries?: readonly Entry[];
}

export const lineOf = (entry: Entry) => `${JSON.stringify([entry.id, entry.kind, entry.payload])}\n`;

/** A last line that a crash tore apart is left out, and so is a file that somebody took away. */
export function readSegment({ file }: Segment): Entry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap(line => parse(line) ?? []);
}

function parse(line: string): Entry | undefined {
  try {
    const [id, kind, payload] = JSON.parse(line) as [string, string, unknown];
    return typeof id === 'string' && typeof kind === 'string' ? { id, kind, payload } : undefined;
  } catch {
    return undefined;
  }
}

/** The file that is being written. */
export class OpenSegment {
  readonly file: string;
  readonly entries: Entry[] = [];
  bytes = 0;
  /** Its lines are not all on the disk. */
  torn = false;
  #descriptor: number | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** Throws what the disk says. */
  write(text: string): void {
    try {
      this.#descriptor ??= openSync(this.file, 'a', 0o600);
      for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(this.#descriptor, rest));
    } catch (error) {
      this.torn = true;
      throw error;
    }
  }

  seal(): Segment {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    return { file: this.file, bytes: this.bytes, entries: this.entries };
  }
}

export const removeSegment = ({ file }: Segment) => rmSync(file, { force: true });

const NAME = /^\d{15}-(\d+)-\d{9}\.jsonl$/;

/** In the order of their making, whoever made them. */
export const segmentName = (startedAt: number, number: number) =>
  `${String(startedAt).padStart(15, '0')}-${process.pid}-${String(number).padStart(9, '0')}.jsonl`;

/** What processes that are gone have left, the oldest first. */
export function leftSegments(folder: string): Segment[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const left = readdirSync(folder).filter(name => {
    const pid = Number(NAME.exec(name)?.[1]);
    return pid === process.pid || (Number.isInteger(pid) && !lives(pid)); // this process has written none yet: in a container all have one number
  });
  return left.sort().map(name => ({ file: join(folder, name), bytes: statSync(join(folder, name)).size }));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
