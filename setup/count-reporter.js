/**
 * A reporter for `node --test` that writes nothing but the final counts, as JSON: what it prints for people is free to change.
 * @param {AsyncIterable<{ type: string, data: unknown }>} events
 */
export default async function* countReporter(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:summary') continue;
    const { file, counts } = /** @type {{ file?: string, counts: Record<string, number> }} */ (data);
    if (file !== undefined) continue; // of one file; the last summary is of all
    const { passed = 0, failed = 0, cancelled = 0, skipped = 0, todo = 0 } = counts;
    yield JSON.stringify({ passed, failed: failed + cancelled, skipped: skipped + todo });
  }
}
