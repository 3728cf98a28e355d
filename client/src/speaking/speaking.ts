import { Emitter } from '../emitter.ts';

const LOUD = 0.02; // of 1 (RFC 6464 levels, linear): above the noise of a room
const HOLD = 700; // ms that somebody counts as speaking after their last loud moment: words have gaps

interface SpeakingEvents {
  /** The ids of all who speak. */
  speaking: ReadonlySet<string>;
}

/** Who speaks, from loudness over time. */
export class Speaking extends Emitter<SpeakingEvents> {
  readonly #lastLoud = new Map<string, number>(); // ms
  #speaking: ReadonlySet<string> = new Set();

  get speaking(): ReadonlySet<string> {
    return this.#speaking;
  }

  /** As the server heard them. */
  handleSpeakers(participants: readonly string[]): void {
    this.#become(new Set(participants));
  }

  /** Loudness by participant, 0 to 1, at `now` in ms. Who is missing is silent. */
  handleLevels(levels: ReadonlyMap<string, number>, now: number): void {
    for (const [participant, level] of levels) if (level >= LOUD) this.#lastLoud.set(participant, now);
    for (const [participant, last] of this.#lastLoud) if (now - last > HOLD) this.#lastLoud.delete(participant);
    this.#become(new Set(this.#lastLoud.keys()));
  }

  #become(speaking: ReadonlySet<string>): void {
    if (speaking.size === this.#speaking.size && [...speaking].every(id => this.#speaking.has(id))) return;
    this.#speaking = speaking;
    this.emit('speaking', speaking);
  }
}
