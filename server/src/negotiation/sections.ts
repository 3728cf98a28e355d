import type { Kind } from '../media/media-plane.ts';
import type { OfferedSection } from './offer.ts';

/** One m-section of a PeerConnection, for good: sections are never removed from an SDP (RFC 8829 5.2.2). */
export interface Section {
  readonly mid: string;
  readonly kind: Kind;
  /** What an offer made now says of it. */
  describe(): OfferedSection;
}

/** The sections of one connection in the order of its SDP, and their number's bound. */
export class SectionList<S extends Section> {
  readonly #all: S[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get all(): readonly S[] {
    return this.#all;
  }

  get isFull(): boolean {
    return this.#all.length >= this.#max;
  }

  append<T extends S>(make: (mid: string) => T): T {
    const section = make(String(this.#all.length));
    this.#all.push(section);
    return section;
  }
}
