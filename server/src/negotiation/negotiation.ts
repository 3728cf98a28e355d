import { isDeepStrictEqual } from 'node:util';
import type { Source } from '@aqlinks/protocol';
import type { CodecParameters, HeaderExtensions, Kind } from '../media/media-plane.ts';
import { RequestError } from '../session.ts';
import { type Answer, AnswerReader } from './answer.ts';
import type { RemoteTransport } from './answer-transport.ts';
import { invalid } from './invalid.ts';
import type { LocalTransport, OfferedSection, OutgoingStream } from './offer.ts';
import { OfferWriter } from './offer-writer.ts';
import { type Incoming, ReceiveSection } from './receiving.ts';
import { SectionList } from './sections.ts';
import { SendSection } from './sending.ts';

/** A track that the peer is to receive: `stream` is the person, `track` the id that `a=msid` gives it. */
export interface Delivery {
  readonly stream: string;
  readonly track: string;
  readonly kind: Kind;
}

export interface Offer {
  readonly sdp: string;
  /** What this offer brings and takes away. */
  readonly subscribed: readonly { readonly stream: string; readonly track: string; readonly mid: string }[];
  readonly unsubscribed: readonly { readonly track: string; readonly mid: string }[];
  /** Tracks that found no section and wait until one is free. */
  readonly waiting: number;
}

/** Of one connection: 89 people with camera and microphone. The answers of browsers still fit into the protocol's `sdpLength` then. */
export const MAX_SECTIONS = 180;

/** What an answer changed, in the order in which it is to be carried out. */
export type Change =
  | { readonly type: 'connect'; readonly remote: RemoteTransport; readonly extensions: HeaderExtensions }
  | ({ readonly type: 'sending'; readonly source: Source; readonly mid: string; readonly kind: Kind } & Incoming)
  | { readonly type: 'stopped-sending'; readonly source: Source }
  | {
      readonly type: 'receiving';
      readonly mid: string;
      readonly outgoing: OutgoingStream;
      readonly codecs: readonly CodecParameters[];
    }
  | { readonly type: 'stopped-receiving'; readonly track: string };

export interface NegotiationOptions {
  readonly local: LocalTransport;
  readonly maxSections: number;
  readonly randomSsrc: () => number; // 32 bits
  /** Whether the peer's videos may come in layers. A browser then sends none that was added before the offer came. */
  readonly simulcast: boolean;
}

type Phase =
  | { readonly type: 'stable' }
  /** An offer of these sections waits for its answer; nothing is offered meanwhile. */
  | { readonly type: 'offered'; readonly sections: readonly OfferedSection[]; readonly restartsIce: boolean };

/**
 * The m-sections of one PeerConnection to which the server offers. Wishes gather (`open`, `shut`, `deliver`, `withdraw`);
 * `nextOffer` puts all of them into one offer when none is in flight; `answer` says what became of it.
 */
export class Negotiation {
  readonly #options: NegotiationOptions;
  readonly #writer: OfferWriter;
  readonly #reader = new AnswerReader();
  readonly #sections: SectionList<ReceiveSection | SendSection>;
  readonly #receiving = new Map<Source, ReceiveSection>();
  readonly #sending = new Map<string, SendSection>(); // by track
  readonly #waiting = new Map<string, Delivery>(); // by track; no section yet
  readonly #free: Record<Kind, SendSection[]> = { audio: [], video: [] };
  readonly #withdrawn: { readonly track: string; readonly mid: string }[] = [];
  readonly #ssrcs = new Set<number>();
  #phase: Phase = { type: 'stable' };
  #restartsIce = false; // with the next offer
  #lastOffered: readonly OfferedSection[] = [];
  #peer: { readonly remote: RemoteTransport; readonly extensions: HeaderExtensions } | undefined;

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#writer = new OfferWriter(options.local);
    this.#sections = new SectionList(options.maxSections);
    this.#addReceiving('camera', false); // mid 0
    this.#addReceiving('microphone', false); // mid 1
  }

  /** Lets the peer send this. Answers the section's mid, which an offer may yet have to bring. */
  open(source: Source): string {
    const section = this.#receiving.get(source);
    if (section !== undefined && !section.isRejected) {
      section.ask();
      return section.mid;
    }
    if (this.#sections.isFull)
      throw new RequestError('too-many-tracks', 'This connection has no room for another track: unpublish one.');
    return this.#addReceiving(source, true).mid;
  }

  shut(source: Source): void {
    this.#receiving.get(source)?.shut();
  }

  /** A source that was shut because it was not allowed is allowed now. */
  permit(source: Source): void {
    this.#receiving.get(source)?.permit();
  }

  deliver(delivery: Delivery): void {
    this.#waiting.set(delivery.track, delivery);
  }

  withdraw(track: string): void {
    if (this.#waiting.delete(track)) return;
    const section = this.#sending.get(track);
    if (section === undefined) return;
    this.#sending.delete(track);
    section.withdraw();
    this.#withdrawn.push({ track, mid: section.mid });
  }

  /** The next offer begins ICE anew (RFC 8445 9), on the same connection. False: one that does so is under way already. */
  restartIce(iceUfrag: string, icePwd: string): boolean {
    if (this.#restartsIce || (this.#phase.type === 'offered' && this.#phase.restartsIce)) return false;
    this.#restartsIce = true;
    this.#writer.restartIce(iceUfrag, icePwd);
    return true;
  }

  /** Nothing while an answer is awaited, and nothing if it said what the last one said. */
  nextOffer(): Offer | undefined {
    if (this.#phase.type === 'offered') return undefined;
    const unsubscribed = this.#withdrawn.splice(0);
    const subscribed = this.#placeWaiting();
    const restartsIce = this.#restartsIce;
    if (unsubscribed.length === 0 && subscribed.length === 0 && !restartsIce && !this.#receivingHasNews()) return undefined;
    const sections = this.#sections.all.map(section => {
      section.markOffered();
      return section.describe();
    });
    this.#lastOffered = sections;
    this.#restartsIce = false;
    this.#phase = { type: 'offered', sections, restartsIce };
    return { sdp: this.#writer.write(sections), subscribed, unsubscribed, waiting: this.#waiting.size };
  }

  /** Throws `RequestError` and changes nothing if it does not answer the offer in flight, which may be answered again then. */
  answer(sdp: string): Change[] {
    if (this.#phase.type === 'stable')
      throw new RequestError('unexpected-answer', 'No offer waits for an answer: wait for the next one.');
    const { sections, restartsIce } = this.#phase;
    const answer = this.#reader.read(sdp, sections);
    this.#refuseOtherPeer(answer.remote, restartsIce);
    this.#phase = { type: 'stable' };
    const changes = this.#connect(answer, restartsIce);
    for (const [index, { use }] of sections.entries()) {
      const section = this.#sections.all[index];
      const answered = answer.sections[index];
      if (section === undefined || answered === undefined) continue;
      if (section instanceof ReceiveSection)
        changes.push(...this.#received(section, section.handleAnswer(answered, use.direction)));
      else changes.push(...this.#sent(section, section.handleAnswer(answered)));
    }
    return changes;
  }

  #addReceiving(source: Source, asked: boolean): ReceiveSection {
    const section = this.#sections.append(mid => new ReceiveSection(mid, source, { asked, simulcast: this.#options.simulcast }));
    this.#receiving.set(source, section);
    return section;
  }

  #receivingHasNews(): boolean {
    for (const section of this.#receiving.values()) {
      const before = this.#lastOffered[Number(section.mid)]?.use.direction;
      if (section.wantsOffer || section.describe().use.direction !== before) return true;
    }
    return false;
  }

  #placeWaiting(): Offer['subscribed'][number][] {
    const placed: Offer['subscribed'][number][] = [];
    for (const { stream, track, kind } of this.#waiting.values()) {
      const section = this.#takeSection(kind);
      if (section === undefined) continue; // it waits until a section is free
      section.carry({ stream, track, ssrc: this.#newSsrc(), ...(kind === 'video' ? { rtxSsrc: this.#newSsrc() } : {}) });
      this.#waiting.delete(track);
      this.#sending.set(track, section);
      placed.push({ stream, track, mid: section.mid });
    }
    return placed;
  }

  #takeSection(kind: Kind): SendSection | undefined {
    for (let free = this.#free[kind].pop(); free !== undefined; free = this.#free[kind].pop()) if (free.isFree) return free;
    if (this.#sections.isFull) return undefined;
    return this.#sections.append(mid => new SendSection(mid, kind));
  }

  #newSsrc(): number {
    let ssrc = this.#options.randomSsrc();
    while (ssrc === 0 || this.#ssrcs.has(ssrc)) ssrc = this.#options.randomSsrc();
    this.#ssrcs.add(ssrc);
    return ssrc;
  }

  /** Without a restart of ICE, an answer with other credentials comes from another connection than the first. */
  #refuseOtherPeer(remote: RemoteTransport, restartsIce: boolean): void {
    const known = this.#peer?.remote;
    if (known === undefined) return;
    const otherIce = known.iceUfrag !== remote.iceUfrag || known.icePwd !== remote.icePwd;
    if ((otherIce && !restartsIce) || !isDeepStrictEqual(known.fingerprint, remote.fingerprint))
      throw invalid(
        'The answer has other ICE credentials or another fingerprint than the first one: answer with the same connection, or join again.',
      );
  }

  #connect({ remote, extensions }: Answer, restartsIce: boolean): Change[] {
    const known = this.#peer;
    if (known !== undefined && !restartsIce && isDeepStrictEqual(known.extensions, extensions)) return [];
    // The role of DTLS goes with its association, which a restart does not touch.
    this.#peer = { remote: { ...remote, dtlsRole: known?.remote.dtlsRole ?? remote.dtlsRole }, extensions };
    return [{ type: 'connect', ...this.#peer }];
  }

  #received(section: ReceiveSection, change: ReturnType<ReceiveSection['handleAnswer']>): Change[] {
    const { source, mid, kind, incoming } = section;
    const stopped: Change[] = change === 'stopped' || change === 'changed' ? [{ type: 'stopped-sending', source }] : [];
    if (incoming === undefined || change === 'none') return stopped;
    return [...stopped, { type: 'sending', source, mid, kind, ...incoming }];
  }

  #sent(section: SendSection, change: ReturnType<SendSection['handleAnswer']>): Change[] {
    switch (change.type) {
      case 'none':
        return [];
      case 'vacated':
        this.#ssrcs.delete(change.outgoing.ssrc);
        if (change.outgoing.rtxSsrc !== undefined) this.#ssrcs.delete(change.outgoing.rtxSsrc);
        this.#free[section.kind].push(section);
        return [];
      case 'started':
        return [this.#receivingChange(section, change.outgoing, change.codecs)];
      case 'changed':
        return [
          { type: 'stopped-receiving', track: change.outgoing.track },
          this.#receivingChange(section, change.outgoing, change.codecs),
        ];
      case 'stopped':
        return [{ type: 'stopped-receiving', track: change.outgoing.track }];
      case 'rejected':
        if (change.outgoing === undefined) return [];
        this.#sending.delete(change.outgoing.track);
        return change.received ? [{ type: 'stopped-receiving', track: change.outgoing.track }] : [];
    }
  }

  /** RTX is sent only if the peer kept it for one of the codecs. */
  #receivingChange({ mid }: SendSection, outgoing: OutgoingStream, codecs: readonly CodecParameters[]): Change {
    if (outgoing.rtxSsrc === undefined || codecs.some(({ rtxPayloadType }) => rtxPayloadType !== undefined))
      return { type: 'receiving', mid, outgoing, codecs };
    const { rtxSsrc: _, ...plain } = outgoing;
    return { type: 'receiving', mid, outgoing: plain, codecs };
  }
}
