/**
 * Which servers are dead: those whose beat stands still while we look on. Looked at by our own clock only, so that clocks that
 * differ do no harm; and a time in which the database was away counts for nobody, for then nobody could beat.
 */
export class LostServers {
  readonly #patience: number; // ms
  readonly #gap: number; // ms without a look, after which all begins anew
  readonly #seen = new Map<string, { readonly beat: number; readonly since: number }>();
  #lookedAt: number | undefined;

  constructor(patience: number, gap: number) {
    this.#patience = patience;
    this.#gap = gap;
  }

  /** The dead ones among all, with their last beat. */
  look(now: number, beats: ReadonlyMap<string, number>): { readonly id: string; readonly beat: number }[] {
    if (this.#lookedAt !== undefined && now - this.#lookedAt > this.#gap) this.#seen.clear();
    this.#lookedAt = now;
    for (const id of this.#seen.keys()) if (!beats.has(id)) this.#seen.delete(id);
    return [...beats].flatMap(([id, beat]) => {
      const known = this.#seen.get(id);
      if (known?.beat !== beat) this.#seen.set(id, { beat, since: now });
      return known?.beat === beat && now - known.since >= this.#patience ? [{ id, beat }] : [];
    });
  }
}
