import { type LocalTransport, type OfferedSection, renderOffer, renderSection } from './offer.ts';

interface Rendered {
  readonly use: OfferedSection['use'];
  readonly withCandidates: boolean;
  readonly text: string;
}

/** How many sections repeat the candidates: a peer that rejects the first still finds them. */
const SECTIONS_WITH_CANDIDATES = 2;

/** Writes one connection's offers. A section that is as it was is not rendered again: an offer costs what changed, plus joining text. */
export class OfferWriter {
  #local: LocalTransport;
  readonly #rendered = new Map<string, Rendered>(); // by mid
  #version = 0;

  constructor(local: LocalTransport) {
    this.#local = local;
  }

  /** Every section carries other credentials from now on. */
  restartIce(iceUfrag: string, icePwd: string): void {
    this.#local = { ...this.#local, iceUfrag, icePwd };
    this.#rendered.clear();
  }

  write(sections: readonly OfferedSection[]): string {
    this.#version += 1;
    let withCandidates = SECTIONS_WITH_CANDIDATES;
    const written = sections.map(section => {
      const rejected = section.use.direction === 'rejected';
      const text = this.#render(section, !rejected && withCandidates > 0);
      if (!rejected) withCandidates -= 1;
      return { mid: section.mid, text, rejected };
    });
    return renderOffer(this.#local, this.#version, written);
  }

  #render(section: OfferedSection, withCandidates: boolean): string {
    const known = this.#rendered.get(section.mid);
    if (known !== undefined && known.withCandidates === withCandidates && isSameUse(known.use, section.use)) return known.text;
    const text = renderSection(this.#local, section, withCandidates);
    this.#rendered.set(section.mid, { use: section.use, withCandidates, text });
    return text;
  }
}

function isSameUse(a: OfferedSection['use'], b: OfferedSection['use']): boolean {
  if (a.direction !== b.direction) return false;
  return a.direction !== 'sendonly' || b.direction !== 'sendonly' || a.outgoing === b.outgoing;
}
