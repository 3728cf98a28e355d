import { isDeepStrictEqual } from 'node:util';
import type { CodecParameters, Kind } from '../media/media-plane.ts';
import type { AnsweredSection } from './answer-section.ts';
import type { OfferedSection, OutgoingStream } from './offer.ts';

type State =
  | { readonly type: 'free' }
  | { readonly type: 'carrying'; readonly outgoing: OutgoingStream; readonly codecs: readonly CodecParameters[] | undefined }
  /** The track is gone; the next offer says so. */
  | { readonly type: 'withdrawn'; readonly outgoing: OutgoingStream }
  /** An offer says so; its answer makes the section free. */
  | { readonly type: 'vacating'; readonly outgoing: OutgoingStream }
  | { readonly type: 'rejected' };

/** What an answer changed of what the peer receives. */
export type OutgoingChange =
  | { readonly type: 'none' }
  | { readonly type: 'vacated'; readonly outgoing: OutgoingStream }
  | { readonly type: 'started' | 'changed'; readonly outgoing: OutgoingStream; readonly codecs: readonly CodecParameters[] }
  | { readonly type: 'stopped'; readonly outgoing: OutgoingStream }
  | { readonly type: 'rejected'; readonly outgoing: OutgoingStream | undefined; readonly received: boolean };

const NONE: OutgoingChange = { type: 'none' };

/** Where we send: given to one track after another of its kind, with an inactive time between, so that browsers see the change. */
export class SendSection {
  readonly mid: string;
  readonly kind: Kind;
  #state: State = { type: 'free' };

  constructor(mid: string, kind: Kind) {
    this.mid = mid;
    this.kind = kind;
  }

  /** A peer may reject a section even when it is free: then it is neither. */
  get isFree(): boolean {
    return this.#state.type === 'free';
  }

  /** Only when free. */
  carry(outgoing: OutgoingStream): void {
    this.#state = { type: 'carrying', outgoing, codecs: undefined };
  }

  withdraw(): void {
    if (this.#state.type === 'carrying') this.#state = { type: 'withdrawn', outgoing: this.#state.outgoing };
  }

  describe(): OfferedSection {
    const { mid, kind } = this;
    if (this.#state.type === 'carrying')
      return { mid, kind, flow: 'send', use: { direction: 'sendonly', outgoing: this.#state.outgoing } };
    return { mid, kind, flow: 'send', use: { direction: this.#state.type === 'rejected' ? 'rejected' : 'inactive' } };
  }

  markOffered(): void {
    if (this.#state.type === 'withdrawn') this.#state = { type: 'vacating', outgoing: this.#state.outgoing };
  }

  handleAnswer(answered: AnsweredSection): OutgoingChange {
    const state = this.#state;
    if (state.type === 'rejected') return NONE;
    if (answered.state === 'rejected') {
      const outgoing = state.type === 'carrying' ? state.outgoing : undefined;
      this.#state = { type: 'rejected' };
      return { type: 'rejected', outgoing, received: state.type === 'carrying' && state.codecs !== undefined };
    }
    if (state.type === 'vacating') {
      this.#state = { type: 'free' };
      return { type: 'vacated', outgoing: state.outgoing };
    }
    return state.type === 'carrying' ? this.#handleReceived(state, answered) : NONE;
  }

  #handleReceived(state: State & { type: 'carrying' }, answered: AnsweredSection & { state: 'accepted' }): OutgoingChange {
    const { outgoing } = state;
    const codecs = answered.receives ? answered.codecs : undefined;
    this.#state = { type: 'carrying', outgoing, codecs };
    if (codecs === undefined) return state.codecs === undefined ? NONE : { type: 'stopped', outgoing };
    if (state.codecs === undefined) return { type: 'started', outgoing, codecs };
    return isDeepStrictEqual(state.codecs, codecs) ? NONE : { type: 'changed', outgoing, codecs };
  }
}
