import type { Command } from '../media/media-plane.ts';

export interface SoundOptions {
  /** Rooms with more people than this forward only the loudest microphones. */
  readonly loudestAbove: number;
  readonly loudestCount: number;
}

/** What a room hears: who speaks, and whether all microphones are forwarded. */
export class Sound {
  readonly group: number;
  readonly #options: SoundOptions;
  readonly #send: (command: Command) => void;
  #limited = false;
  speakers: readonly string[] = []; // ids of participants, the dominant one first

  constructor(group: number, options: SoundOptions, send: (command: Command) => void) {
    this.group = group;
    this.#options = options;
    this.#send = send;
  }

  /** The room has so many people now. */
  resize(people: number): void {
    const { loudestAbove, loudestCount } = this.#options;
    const limited = people > loudestAbove;
    if (limited === this.#limited) return;
    this.#limited = limited;
    this.#send({ type: 'configure-group', group: this.group, ...(limited ? { loudest: loudestCount } : {}) });
  }

  /** Whether that is news. */
  hear(speakers: readonly string[]): boolean {
    if (speakers.length === this.speakers.length && speakers.every((id, index) => id === this.speakers[index])) return false;
    this.speakers = speakers;
    return true;
  }
}
