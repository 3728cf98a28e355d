import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Seal } from '../store/seal.ts';
import type { ChainLink, ChainProblem } from './audit.ts';

/**
 * The hash of an entry is that of its canonical JSON (RFC 8785); a link hashes it with its number and the link before.
 * In two steps, so that somebody who may not read an entry can still verify the chain over it; the random id in every entry
 * keeps them from guessing it.
 */
export const entryHash = (entry: object) => sha256(entry);

export const linkHash = (seq: number, prev: string, entry: string) => sha256({ entry, prev, seq });

const sha256 = (value: object) =>
  createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex');

/** What the first entry follows. */
export const GENESIS: ChainLink = Object.freeze({ seq: 0, hash: '0'.repeat(64) });

export interface Linked extends ChainLink {
  readonly entryHash: string;
}

/** Links entries to the end of a chain, in their order. */
export function extend(head: ChainLink, entries: readonly object[]): Linked[] {
  let { seq, hash } = head;
  return entries.map(entry => {
    const hashed = entryHash(entry);
    seq += 1;
    hash = linkHash(seq, hash, hashed);
    return { seq, hash, entryHash: hashed };
  });
}

/** Follows a chain link by link. Each call answers the first thing that is wrong, if it is. */
export class ChainVerifier {
  #last: ChainLink;
  #count = 0;

  constructor(anchor: ChainLink) {
    this.#last = anchor;
  }

  get count(): number {
    return this.#count;
  }

  get last(): ChainLink {
    return this.#last;
  }

  next({ seq, hash, entryHash: hashed }: Linked): ChainProblem | undefined {
    const expected = this.#last.seq + 1;
    if (seq > expected) return { seq: expected, kind: 'missing', text: missing(expected, seq - 1) };
    if (seq < expected || hash !== linkHash(seq, this.#last.hash, hashed)) {
      return {
        seq,
        kind: 'changed',
        text: `Entry ${seq} is not the one that was written there: it was changed, moved or put in.`,
      };
    }
    this.#last = { seq, hash };
    this.#count += 1;
    return undefined;
  }

  /** Whether the chain ends where it should. */
  end(head: ChainLink): ChainProblem | undefined {
    const { seq, hash } = this.#last;
    if (seq < head.seq) return { seq: seq + 1, kind: 'truncated', text: `${missing(seq + 1, head.seq)} They were the last.` };
    if (seq > head.seq) {
      return { seq: head.seq + 1, kind: 'inserted', text: `Entry ${head.seq + 1} stands behind the end of the chain.` };
    }
    if (hash !== head.hash)
      return { seq, kind: 'changed', text: `Entry ${seq}, the last, is not the one that was written there.` };
    return undefined;
  }
}

const missing = (from: number, to: number) =>
  from === to ? `Entry ${from} is missing.` : `The entries ${from} to ${to} are missing.`;

const PLACE = 'audit-chain';

/**
 * Who can write to the database can link a whole chain anew; who has not the master key cannot seal it. The seal holds both
 * ends, encrypted and authenticated.
 */
export class Sealer {
  readonly #seal: Seal;

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  seal(anchor: ChainLink, head: ChainLink): string {
    return this.#seal.close(PLACE, textOf(anchor, head));
  }

  isRight(seal: string | null, anchor: ChainLink, head: ChainLink): boolean {
    try {
      return this.#seal.open(PLACE, seal ?? '') === textOf(anchor, head);
    } catch {
      return false; // of another key, or nobody's
    }
  }
}

const textOf = (anchor: ChainLink, head: ChainLink) => [anchor.seq, anchor.hash, head.seq, head.hash].join(' ');
