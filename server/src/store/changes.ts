import type { Database } from './database.ts';

/** What is told to every server when it changes. */
export type ChangeKind = 'project' | 'key' | 'roles' | 'room' | 'ban' | 'revocation' | 'webhook';

export interface Change {
  readonly kind: ChangeKind;
  readonly project: string;
  readonly subject: string; // what of that kind: its id, or its name in the project
}

/** `reset`: the feed does not reach back to where this server was, so that everything must be read anew. */
export type ChangeListener = (changes: readonly Change[] | 'reset') => Promise<void> | void;

const COUNTER = 'changes';
const PAGE = 500;
export const KEPT = 24 * 3_600_000; // ms that a change stays in the feed

/** The next number of a counter. Its row stays locked until the transaction ends, so that numbers are committed in order and without gaps. */
export async function nextOf(database: Database, name: string): Promise<number> {
  const { value } = await database
    .insertInto('counters')
    .values({ name, value: 1 })
    .onConflict(conflict => conflict.column('name').doUpdateSet(each => ({ value: each('counters.value', '+', 1) })))
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
}

export interface ChangesOptions {
  readonly database: Database;
  readonly now: () => number;
}

/** The feed by which a write on one server reaches all. Reading it is one query by the primary key. */
export class Changes {
  readonly #database: Database;
  readonly #now: () => number;
  #listener: ChangeListener | undefined;
  #last: number | undefined; // undefined: not followed yet
  #pulling: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  constructor({ database, now }: ChangesOptions) {
    this.#database = database;
    this.#now = now;
  }

  /** One transaction for the work and its place in the feed. When it resolves, this server's listener has heard of it. */
  async write<T>(change: Change, work: (transaction: Database) => Promise<T>): Promise<T> {
    const result = await this.#database.transaction().execute(async transaction => {
      const done = await work(transaction);
      await this.append(transaction, change);
      return done;
    });
    await this.pull().catch(() => {}); // it is committed: what cannot be read now is read at the next turn
    return result;
  }

  /** Last in its transaction: from here to the commit other writers wait. */
  async append(transaction: Database, change: Change): Promise<void> {
    const sequence = await nextOf(transaction, COUNTER);
    await transaction
      .insertInto('changes')
      .values({ ...change, sequence, at: this.#now() })
      .execute();
  }

  /** From now on; what happened before is what the follower reads itself, after this. */
  async follow(listener: ChangeListener): Promise<void> {
    this.#last = await this.#end();
    this.#listener = listener;
  }

  /** Hands on what is new. Rejects while the database is away. Turns never overlap; one that is asked for during another comes after it. */
  pull(): Promise<void> {
    if (this.#pulling === undefined) {
      this.#pulling = this.#pullAll().finally(() => {
        this.#pulling = undefined;
      });
      return this.#pulling;
    }
    this.#again ??= this.#pulling
      .catch(() => {})
      .then(() => {
        this.#again = undefined;
        return this.pull();
      });
    return this.#again;
  }

  /** Forgets what every server has heard long ago. */
  async prune(): Promise<void> {
    await this.#database
      .deleteFrom('changes')
      .where('at', '<', this.#now() - KEPT)
      .execute();
  }

  async #pullAll(): Promise<void> {
    while (this.#listener !== undefined && this.#last !== undefined) {
      const end = await this.#end();
      if (end === this.#last) return;
      const page = await this.#database
        .selectFrom('changes')
        .selectAll()
        .where('sequence', '>', this.#last)
        .orderBy('sequence')
        .limit(PAGE)
        .execute();
      const whole = end > this.#last && page[0]?.sequence === this.#last + 1; // else it was pruned, or the database is another one
      await this.#listener(
        whole ? page.map(({ kind, project, subject }) => ({ kind: kind as ChangeKind, project, subject })) : 'reset',
      );
      this.#last = whole ? (page.at(-1)?.sequence ?? end) : end;
    }
  }

  /** The number of the last change that was committed. */
  async #end(): Promise<number> {
    const row = await this.#database.selectFrom('counters').select('value').where('name', '=', COUNTER).executeTakeFirst();
    return row?.value ?? 0;
  }
}
