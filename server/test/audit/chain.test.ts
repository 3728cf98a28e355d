import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChainVerifier, extend, GENESIS, type Linked, linkHash, Sealer } from '../../src/audit/chain.ts';
import { prepareEntry } from '../../src/audit/entry.ts';
import { createSeal } from '../../src/store/seal.ts';

const entryOf = (n: number) =>
  prepareEntry({ action: 'token.validated', outcome: 'accepted', project: 'p', user: `u${n}` }, `id${n}`, n);
const chainOf = (length: number) =>
  extend(
    GENESIS,
    Array.from({ length }, (_, n) => entryOf(n)),
  );
const at = (chain: readonly Linked[], seq: number) => chain[seq - 1] as Linked;

/** What a verifier says of these links, whose last one is known to have been `head`. */
function problemOf(chain: readonly Linked[], head: { readonly seq: number; readonly hash: string }) {
  const verifier = new ChainVerifier(GENESIS);
  for (const link of chain) {
    const problem = verifier.next(link);
    if (problem !== undefined) return problem;
  }
  return verifier.end(head);
}

test('a chain as it was written is intact, whatever the batches', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 }), sizes => {
      let head = GENESIS;
      const chain: Linked[] = [];
      for (const size of sizes) {
        chain.push(
          ...extend(
            head,
            Array.from({ length: size }, (_, n) => entryOf(head.seq + n)),
          ),
        );
        head = chain.at(-1) ?? GENESIS;
      }
      assert.equal(problemOf(chain, head), undefined);
      assert.deepEqual(
        chain,
        chainOf(chain.length).map((link, n) => ({ ...link, seq: n + 1 })),
      );
    }),
  );
});

test('a changed entry is found where it stands, also with its own hash made anew', () => {
  const chain = chainOf(5);
  const head = at(chain, 5);
  const other = { ...at(chain, 3), entryHash: 'f'.repeat(64) };
  assert.deepEqual(problemOf(chain.with(2, other), head), {
    seq: 3,
    kind: 'changed',
    text: 'Entry 3 is not the one that was written there: it was changed, moved or put in.',
  });
  const linked = { ...other, hash: linkHash(3, at(chain, 2).hash, other.entryHash) };
  assert.equal(problemOf(chain.with(2, linked), head)?.seq, 4); // what follows it no longer does
});

test('a missing, a moved and an added entry are found', () => {
  const chain = chainOf(6);
  const head = at(chain, 6);
  assert.deepEqual(problemOf(chain.toSpliced(2, 2), head), {
    seq: 3,
    kind: 'missing',
    text: 'The entries 3 to 4 are missing.',
  });
  const closed = chain.toSpliced(2, 1).map((link, n) => ({ ...link, seq: n + 1 })); // and numbered anew
  assert.deepEqual([problemOf(closed, head)?.seq, problemOf(closed, head)?.kind], [3, 'changed']);
  const swapped = chain.with(1, { ...at(chain, 4), seq: 2 }).with(3, { ...at(chain, 2), seq: 4 });
  assert.deepEqual([problemOf(swapped, head)?.seq, problemOf(swapped, head)?.kind], [2, 'changed']);
  const added = [...chain, ...extend(head, [entryOf(9)])];
  assert.deepEqual([problemOf(added, head)?.seq, problemOf(added, head)?.kind], [7, 'inserted']);
});

test('a tail that was cut off is found by the end that is known', () => {
  const chain = chainOf(6);
  assert.deepEqual(problemOf(chain.slice(0, 4), at(chain, 6)), {
    seq: 5,
    kind: 'truncated',
    text: 'The entries 5 to 6 are missing. They were the last.',
  });
  assert.equal(problemOf([], at(chain, 6))?.kind, 'truncated');
});

test('only who has the master key can seal, and a seal is for both ends', () => {
  const sealer = new Sealer(createSeal(new Uint8Array(32).fill(1)));
  const head = at(chainOf(3), 3);
  const seal = sealer.seal(GENESIS, head);
  assert.equal(sealer.isRight(seal, GENESIS, head), true);
  assert.equal(sealer.isRight(seal, head, head), false);
  assert.equal(sealer.isRight(seal, GENESIS, { ...head, seq: 2 }), false);
  assert.equal(sealer.isRight(null, GENESIS, head), false);
  assert.equal(new Sealer(createSeal(new Uint8Array(32).fill(2))).isRight(seal, GENESIS, head), false);
});
