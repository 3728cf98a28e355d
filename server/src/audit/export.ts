import type { AuditLog } from '../store/audit-log.ts';
import type { AuditRow } from '../store/tables/records.ts';
import type { AuditRange, AuditVerdict, ChainLink } from './audit.ts';
import { ChainVerifier, entryHash, GENESIS } from './chain.ts';
import { entryOf } from './rows.ts';

const PAGE = 500; // rows
const FORMAT = 1;

/**
 * The log as JSON lines: first what the first entry follows, then the entries, at last the link they end with. Whoever has the
 * lines can follow the chain without us (docs/audit.md).
 */
export async function* exportLog(log: AuditLog, { project, from, to }: AuditRange): AsyncIterable<string> {
  const { anchor, head } = (await log.ends()) ?? { anchor: GENESIS, head: GENESIS };
  const first = from === undefined ? anchor.seq + 1 : ((await log.firstSince(from)) ?? head.seq + 1);
  const last = to === undefined ? head.seq : ((await log.firstSince(to)) ?? head.seq + 1) - 1;
  let link = first === anchor.seq + 1 ? anchor : await linkAt(log, first - 1);
  yield line({ aqlinks_audit: FORMAT, anchor: link });
  while (link.seq < last) {
    const rows = await log.page(link.seq, last, PAGE);
    if (rows.length === 0) throw new Error('Entries were removed while they were exported. Begin again.');
    for (const row of rows) yield line(lineOf(row, project));
    const { seq, hash } = rows.at(-1) as AuditRow;
    link = { seq, hash };
  }
  yield line({ head: link });
}

async function linkAt(log: AuditLog, seq: number): Promise<ChainLink> {
  const [row] = await log.page(seq - 1, seq, 1);
  return { seq, hash: row?.hash ?? '' };
}

const line = (value: object) => `${JSON.stringify(value)}\n`;

function lineOf(row: AuditRow, project: string | undefined): object {
  const { seq, hash } = row;
  const entry = entryOf(row);
  return project === undefined || entry.project === project ? { seq, hash, entry } : { seq, hash, entry_hash: entryHash(entry) };
}

/** Checks exported lines by themselves. That nothing is missing behind them shows `head`, compared with one that was kept. */
export async function verifyExport(lines: AsyncIterable<string> | Iterable<string>): Promise<AuditVerdict> {
  let verifier: ChainVerifier | undefined;
  let anchor: ChainLink = GENESIS;
  let head: ChainLink | undefined;
  let number = 0;
  const malformed = (text: string): AuditVerdict => ({
    intact: false,
    entries: verifier?.count ?? 0,
    problem: { seq: (verifier?.last.seq ?? 0) + 1, kind: 'malformed', text: `Line ${number}: ${text}` },
  });
  for await (const text of lines) {
    number += 1;
    if (text.trim() === '') continue;
    const value = parse(text);
    if (value === undefined) return malformed('this is no JSON object.');
    if (head !== undefined) return malformed('there is something behind the end.');
    if (verifier === undefined) {
      if (value.aqlinks_audit !== FORMAT || !isLink(value.anchor)) return malformed('this is not the beginning of an export.');
      anchor = value.anchor;
      verifier = new ChainVerifier(anchor);
    } else if (isLink(value.head)) {
      head = value.head;
    } else {
      const { seq, hash, entry, entry_hash: hidden } = value;
      const hashed = typeof entry === 'object' && entry !== null ? entryHash(entry) : hidden;
      if (!isLink({ seq, hash }) || typeof hashed !== 'string') return malformed('this is no entry.');
      const problem = verifier.next({ seq: seq as number, hash: hash as string, entryHash: hashed });
      if (problem !== undefined) return { intact: false, entries: verifier.count, problem };
    }
  }
  if (verifier === undefined || head === undefined) return malformed('the export ends before its last line.');
  const problem = verifier.end(head);
  if (problem !== undefined) return { intact: false, entries: verifier.count, problem };
  return { intact: true, entries: verifier.count, anchor, head, sealed: false };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isLink(value: unknown): value is ChainLink {
  const { seq, hash } = (value ?? {}) as { seq?: unknown; hash?: unknown };
  return Number.isSafeInteger(seq) && typeof hash === 'string';
}
