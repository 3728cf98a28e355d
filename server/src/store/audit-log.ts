import type { Database } from './database.ts';
import type { AuditChainRow, AuditRow } from './tables/records.ts';

export type AuditContent = Omit<AuditRow, 'seq' | 'hash'>;

interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** Both ends of the chain: the last entry that was removed in front, and the last that was written. */
export interface ChainEnds {
  readonly anchor: Link;
  readonly head: Link;
  readonly seal: string | null;
}

export interface AuditFilter {
  readonly project?: string;
  readonly action?: string; // with a final `.`: all that begin with it
  readonly outcome?: string;
  readonly user?: string;
  readonly room?: string;
  readonly key?: string;
  readonly jti?: string;
  readonly from?: number;
  readonly to?: number;
  readonly before?: number;
  readonly limit: number;
}

export interface Extension {
  readonly hashes: readonly string[]; // one an entry
  readonly seal: string | null;
}

const ID = 'chain'; // one chain a database

/** The table of the audit log. What links its rows is not its concern: both writers below are told. */
export function createAuditLog({ database }: { readonly database: Database }) {
  return {
    /**
     * Appends, under the lock of the chain, what is not in it yet. `link` is told the ends as they are, and for what to make hashes.
     * Answers the ends as they were.
     */
    append(
      contents: readonly AuditContent[],
      link: (ends: ChainEnds, fresh: readonly AuditContent[]) => Extension,
    ): Promise<ChainEnds> {
      return database.transaction().execute(async transaction => {
        const ends = await lock(transaction);
        const ids = contents.map(({ id }) => id);
        const known = await transaction.selectFrom('audit_entries').select('id').where('id', 'in', ids).execute();
        const fresh = contents.filter(({ id }) => !known.some(row => row.id === id)); // written before a crash
        if (fresh.length === 0) return ends;
        const { hashes, seal } = link(ends, fresh);
        const rows = fresh.map((content, n) => ({ ...content, seq: ends.head.seq + n + 1, hash: hashes[n] ?? '' }));
        await transaction.insertInto('audit_entries').values(rows).execute();
        const last = rows.at(-1);
        await transaction
          .updateTable('audit_chain')
          .set({ head_seq: last?.seq ?? 0, head_hash: last?.hash ?? '', seal })
          .where('id', '=', ID)
          .execute();
        return ends;
      });
    },

    async ends(): Promise<ChainEnds | undefined> {
      const row = await database.selectFrom('audit_chain').selectAll().where('id', '=', ID).executeTakeFirst();
      return row && endsOf(row);
    },

    /** The number of the last row, whatever the chain says. */
    async lastSeq(): Promise<number> {
      const row = await database
        .selectFrom('audit_entries')
        .select(each => each.fn.max('seq').as('seq'))
        .executeTakeFirst();
      return row?.seq ?? 0;
    },

    /** In their order, those behind `after` up to `last`. */
    page(after: number, last: number, limit: number): Promise<AuditRow[]> {
      return database
        .selectFrom('audit_entries')
        .selectAll()
        .where('seq', '>', after)
        .where('seq', '<=', last)
        .orderBy('seq')
        .limit(limit)
        .execute();
    },

    /** The number of the first entry of that time or later. */
    async firstSince(at: number): Promise<number | undefined> {
      const row = await database
        .selectFrom('audit_entries')
        .select(each => each.fn.min('seq').as('seq'))
        .where('at', '>=', at)
        .executeTakeFirst();
      return row?.seq ?? undefined;
    },

    /** The newest first. */
    list({ project, action, outcome, user, room, key, jti, from, to, before, limit }: AuditFilter): Promise<AuditRow[]> {
      let query = database.selectFrom('audit_entries').selectAll();
      if (project !== undefined) query = query.where('project', '=', project);
      if (action?.endsWith('.')) query = query.where('action', '>=', action).where('action', '<', `${action.slice(0, -1)}/`);
      else if (action !== undefined) query = query.where('action', '=', action);
      if (outcome !== undefined) query = query.where('outcome', '=', outcome);
      if (user !== undefined) query = query.where('user_id', '=', user);
      if (room !== undefined) query = query.where('room', '=', room);
      if (key !== undefined) query = query.where('key', '=', key);
      if (jti !== undefined) query = query.where('jti', '=', jti);
      if (from !== undefined) query = query.where('at', '>=', from);
      if (to !== undefined) query = query.where('at', '<', to);
      if (before !== undefined) query = query.where('seq', '<', before);
      return query.orderBy('seq', 'desc').limit(limit).execute();
    },

    /**
     * Removes the oldest, up to `last`, at most `limit` of them; the last that goes becomes the anchor. `reseal` is told the ends
     * before and the new anchor. Answers how many are gone.
     */
    forget(last: number, limit: number, reseal: (ends: ChainEnds, anchor: Link) => string | null): Promise<number> {
      return database.transaction().execute(async transaction => {
        const ends = await lock(transaction);
        const until = Math.min(last, ends.anchor.seq + limit, ends.head.seq);
        if (until <= ends.anchor.seq) return 0;
        const anchor = await transaction
          .selectFrom('audit_entries')
          .select(['seq', 'hash'])
          .where('seq', '=', until)
          .executeTakeFirst();
        if (anchor === undefined) return 0; // it is missing: that is for `verify` to say
        await transaction.deleteFrom('audit_entries').where('seq', '<=', until).execute();
        await transaction
          .updateTable('audit_chain')
          .set({ anchor_seq: anchor.seq, anchor_hash: anchor.hash, seal: reseal(ends, anchor) })
          .where('id', '=', ID)
          .execute();
        return until - ends.anchor.seq;
      });
    },

    /** Of a chain of which there is nothing yet; of several servers the first one begins it. */
    async begin(genesis: Link, seal: string | null): Promise<void> {
      const row: AuditChainRow = {
        ...{ id: ID, anchor_seq: genesis.seq, anchor_hash: genesis.hash, head_seq: genesis.seq, head_hash: genesis.hash, seal },
      };
      await database
        .insertInto('audit_chain')
        .values(row)
        .onConflict(conflict => conflict.doNothing())
        .execute();
    },
  };
}

export type AuditLog = ReturnType<typeof createAuditLog>;

/** Whoever changes the chain waits here for whoever does it now. */
async function lock(transaction: Database): Promise<ChainEnds> {
  const row = await transaction.updateTable('audit_chain').set({ id: ID }).where('id', '=', ID).returningAll().executeTakeFirst();
  return endsOf(row ?? (await afresh(transaction)));
}

/** Somebody removed the ends. The entries go on, under a seal that nobody made: `verify` will say so. */
async function afresh(transaction: Database): Promise<AuditChainRow> {
  const last = await transaction
    .selectFrom('audit_entries')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const ends = { anchor_seq: 0, anchor_hash: '', head_seq: last?.seq ?? 0, head_hash: last?.hash ?? '' };
  const row: AuditChainRow = { ...ends, id: ID, seal: 'none' };
  await transaction.insertInto('audit_chain').values(row).execute();
  return row;
}

const endsOf = ({ anchor_seq, anchor_hash, head_seq, head_hash, seal }: AuditChainRow): ChainEnds => ({
  anchor: { seq: anchor_seq, hash: anchor_hash },
  head: { seq: head_seq, hash: head_hash },
  seal,
});
