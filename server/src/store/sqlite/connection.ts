import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { SqliteError, StoreClosed } from '../errors.ts';
import type { Answered, Asked } from './worker.ts';

/** The side of the event loop: queries go to the thread in order, and so do their answers. */
export class SqliteConnection implements DatabaseConnection {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (answer: Answered | Error) => void>();
  readonly #ended: Promise<void>;
  #next = 0;
  #failure: Error | undefined;

  constructor(file: string) {
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: file,
      execArgv: ['--disable-warning=ExperimentalWarning'], // of node:sqlite
    });
    this.#worker.on('message', (answer: Answered) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#ended = new Promise(resolve => {
      this.#worker.once('error', error => this.#fail(error as Error));
      this.#worker.once('exit', () => {
        this.#fail(new StoreClosed());
        resolve();
      });
    });
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#next;
    this.#next += 1;
    const answer = await new Promise<Answered | Error>(resolve => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, sql, parameters } satisfies Asked);
    });
    if (answer instanceof Error) throw answer;
    if ('error' in answer) throw new SqliteError(answer.error.message, answer.error.errcode);
    const rows = answer.rows as R[];
    return answer.changed === undefined ? { rows } : { rows, numAffectedRows: BigInt(answer.changed) };
  }

  // biome-ignore lint/correctness/useYield: the interface wants a generator, and nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Queries are not streamed: read them in pages.');
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) this.#worker.postMessage('close');
    await this.#ended;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const settle of this.#waiting.values()) settle(this.#failure);
    this.#waiting.clear();
  }
}
