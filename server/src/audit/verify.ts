import type { AuditLog, ChainEnds } from '../store/audit-log.ts';
import type { AuditVerdict, ChainLink, ChainProblem } from './audit.ts';
import { ChainVerifier, entryHash, type Sealer } from './chain.ts';
import { entryOf } from './rows.ts';

const PAGE = 500; // rows, so that the event loop is never busy with them for long
const TRIES = 3;
const GONE: ChainProblem = { seq: 1, kind: 'seal', text: 'The ends of the chain are gone: somebody removed them.' };

/** Follows the chain from the anchor to its end while others write to it. */
export async function verifyLog(log: AuditLog, sealer: Sealer | undefined): Promise<AuditVerdict> {
  for (let left = TRIES; ; left--) {
    const ends = await log.ends();
    if (ends === undefined) return { intact: false, entries: 0, problem: GONE };
    const verifier = new ChainVerifier(ends.anchor);
    const problem = sealProblem(ends, sealer) ?? (await problemOf(log, verifier, ends.head)) ?? (await behind(log));
    if (problem === undefined) {
      const { anchor, head } = ends;
      return { intact: true, entries: verifier.count, anchor, head, sealed: sealer !== undefined };
    }
    const moved = (await log.ends())?.anchor.seq !== ends.anchor.seq; // the retention removed meanwhile what we were to read
    if (!moved || left === 0) return { intact: false, entries: verifier.count, problem };
  }
}

/** Whether what stands in front, up to `last`, is as it was written. */
export async function verifyFront(log: AuditLog, anchor: ChainLink, last: number): Promise<ChainProblem | undefined> {
  return follow(log, new ChainVerifier(anchor), last);
}

async function problemOf(log: AuditLog, verifier: ChainVerifier, head: ChainLink): Promise<ChainProblem | undefined> {
  return (await follow(log, verifier, head.seq)) ?? verifier.end(head);
}

async function follow(log: AuditLog, verifier: ChainVerifier, last: number): Promise<ChainProblem | undefined> {
  for (;;) {
    const rows = await log.page(verifier.last.seq, last, PAGE);
    for (const row of rows) {
      const problem = verifier.next({ seq: row.seq, hash: row.hash, entryHash: entryHash(entryOf(row)) });
      if (problem !== undefined) return problem;
    }
    if (rows.length < PAGE) return undefined;
  }
}

/** Ends are written with the rows: read later, they are never behind. */
async function behind(log: AuditLog): Promise<ChainProblem | undefined> {
  const last = await log.lastSeq();
  const seq = ((await log.ends())?.head.seq ?? 0) + 1;
  if (last < seq) return undefined;
  return { seq, kind: 'inserted', text: `Entry ${seq} stands behind the end of the chain.` };
}

function sealProblem({ anchor, head, seal }: ChainEnds, sealer: Sealer | undefined): ChainProblem | undefined {
  if (sealer === undefined || sealer.isRight(seal, anchor, head)) return undefined;
  const text =
    'The seal over the ends of the chain is wrong: somebody wrote them without the MASTER_KEY, or it is another one than before.';
  return { seq: head.seq, kind: 'seal', text };
}
