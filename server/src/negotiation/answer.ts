import { hash } from 'node:crypto';
import type { HeaderExtensions, Kind } from '../media/media-plane.ts';
import { type AnsweredSection, type ReadSection, readSection } from './answer-section.ts';
import { parseLines } from './answer-text.ts';
import { type RemoteTransport, readTransport } from './answer-transport.ts';
import { agreedExtensions } from './extensions.ts';
import { invalid } from './invalid.ts';

export interface Answer {
  readonly remote: RemoteTransport;
  readonly extensions: HeaderExtensions;
  readonly sections: readonly AnsweredSection[]; // one for each of the offer
}

const MAX_LENGTH = 235_000; // characters, as the protocol's `LIMITS.sdpLength`

/**
 * Reads the answers of one connection. In a large room each of them has a hundred sections of which a few are new, and
 * everybody answers whenever anybody publishes: a section whose text is as it was is not read again.
 */
export class AnswerReader {
  readonly #known: { readonly digest: string; readonly section: ReadSection }[] = []; // by index

  /** An answer to an offer of these sections. Throws nothing but `RequestError`. */
  read(sdp: string, offered: readonly { readonly mid: string; readonly kind: Kind }[]): Answer {
    const [head = '', ...bodies] = splitSections(sdp);
    if (bodies.length !== offered.length)
      throw invalid(
        `The offer has ${offered.length} m-sections and the answer ${bodies.length}: answer the last offer, section by section.`,
      );
    const session = parseLines(head);
    const sections = offered.map((expected, index) => {
      const body = bodies[index] ?? '';
      const digest = hash('sha1', `${session.direction} ${body}`, 'base64'); // of no use to an attacker but against themselves
      const known = this.#known[index];
      if (known?.digest === digest) return known.section;
      const section = readSection(body, { ...expected, index, sessionDirection: session.direction });
      this.#known[index] = { digest, section };
      return section;
    });
    refuseSharedSsrcs(sections);
    const accepted = sections.filter(({ answered }) => answered.state === 'accepted');
    return {
      remote: readTransport(accepted.map(({ transport }) => transport).concat(session)),
      extensions: agreedExtensions(accepted.flatMap(({ extensions }) => extensions).concat(session.ext ?? [])),
      sections: sections.map(({ answered }) => answered),
    };
  }
}

function splitSections(sdp: string): string[] {
  if (sdp.length > MAX_LENGTH) throw invalid(`The answer is too long: at most ${MAX_LENGTH} characters are read.`);
  if (!sdp.startsWith('v=0')) throw invalid('An SDP begins with `v=0`: send the answer as setLocalDescription made it.');
  return sdp.split(/(?=^m=)/m);
}

function refuseSharedSsrcs(sections: readonly ReadSection[]): void {
  const seen = new Set<number>();
  for (const { answered } of sections) {
    if (answered.state === 'rejected') continue;
    for (const ssrc of answered.encodings.flatMap(({ ssrc, rtxSsrc }) => [ssrc, rtxSsrc])) {
      if (ssrc === undefined) continue;
      if (seen.has(ssrc)) throw invalid('An SSRC stands for two streams in the answer: give each its own.');
      seen.add(ssrc);
    }
  }
}
