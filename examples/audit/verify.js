import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import canonicalize from 'canonicalize';

// Verifies an export of the audit log without aqlinks: node verify.js audit.jsonl

/** @param {object} value */
const hash = value =>
  createHash('sha256')
    .update(String(canonicalize(value))) // RFC 8785
    .digest('hex');

let last = { seq: 0, hash: '' };
let ended = false;
for await (const line of createInterface({ input: createReadStream(process.argv[2] ?? 'audit.jsonl') })) {
  const { anchor, head, ...link } = JSON.parse(line);
  if (anchor !== undefined) last = anchor;
  else if (head !== undefined) ended = head.seq === last.seq && head.hash === last.hash;
  else {
    const entry = link.entry === undefined ? link.entry_hash : hash(link.entry);
    const right = link.seq === last.seq + 1 && link.hash === hash({ entry, prev: last.hash, seq: link.seq });
    if (!right) {
      console.log(`Broken at entry ${last.seq + 1}: it was changed, moved, put in, or is missing.`);
      process.exit(1);
    }
    last = { seq: link.seq, hash: link.hash };
  }
}
console.log(ended ? `Intact up to entry ${last.seq}, ${last.hash}` : `The export ends before its end, at entry ${last.seq}.`);
process.exit(ended ? 0 : 1);
