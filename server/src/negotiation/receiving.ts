import { isDeepStrictEqual } from 'node:util';
import type { Source } from '@aqlinks/protocol';
import type { CodecParameters, Encoding, Kind } from '../media/media-plane.ts';
import { RequestError } from '../session.ts';
import type { AnsweredSection } from './answer-section.ts';
import type { OfferedSection } from './offer.ts';

export const SOURCE_KIND: Readonly<Record<Source, Kind>> = {
  camera: 'video',
  microphone: 'audio',
  screen: 'video',
  'screen-audio': 'audio',
};

/** What the peer may send in a section, as its last answer has it. */
export interface Incoming {
  readonly codecs: readonly CodecParameters[];
  readonly encodings: readonly Encoding[];
}

/** Whether the client said `publish`: `offered` once an offer made after it is out. */
type Asked = 'no' | 'yes' | 'offered';

type State =
  | { readonly type: 'open'; readonly asked: Asked; readonly incoming: Incoming | undefined }
  | { readonly type: 'shut' }
  | { readonly type: 'rejected' };

/** What an answer changed of what is sent by the peer. */
export type IncomingChange = 'none' | 'started' | 'changed' | 'stopped';

/** Where we receive: one section for one source, for as long as the peer does not reject it. */
export class ReceiveSection {
  readonly mid: string;
  readonly kind: Kind;
  readonly source: Source;
  readonly #simulcast: boolean;
  #state: State;

  constructor(mid: string, source: Source, { asked, simulcast }: { readonly asked: boolean; readonly simulcast: boolean }) {
    this.mid = mid;
    this.kind = SOURCE_KIND[source];
    this.source = source;
    this.#simulcast = simulcast && this.kind === 'video';
    this.#state = { type: 'open', asked: asked ? 'yes' : 'no', incoming: undefined };
  }

  get isRejected(): boolean {
    return this.#state.type === 'rejected';
  }

  /** Asked for since the last offer: an offer that says the same as that one is due all the same. */
  get wantsOffer(): boolean {
    return this.#state.type === 'open' && this.#state.asked === 'yes';
  }

  get incoming(): Incoming | undefined {
    return this.#state.type === 'open' ? this.#state.incoming : undefined;
  }

  ask(): void {
    if (this.#state.type === 'open' && (this.#state.incoming !== undefined || this.#state.asked !== 'no'))
      throw new RequestError('source-in-use', `Your ${this.source} is published already: unpublish it first.`);
    this.#state = { type: 'open', asked: 'yes', incoming: undefined };
  }

  shut(): void {
    if (this.#state.type === 'open') this.#state = { type: 'shut' };
  }

  /** It may be sent again, without being asked for: an answer that sends publishes it, as on a first offer. */
  permit(): void {
    if (this.#state.type === 'shut') this.#state = { type: 'open', asked: 'no', incoming: undefined };
  }

  describe(): OfferedSection {
    const section = { mid: this.mid, kind: this.kind, flow: 'receive' } as const;
    if (this.#state.type === 'rejected') return { ...section, use: { direction: 'rejected' } };
    const direction = this.#state.type === 'open' ? 'recvonly' : 'inactive';
    return { ...section, use: { direction, simulcast: this.#simulcast } };
  }

  markOffered(): void {
    if (this.wantsOffer) this.#state = { type: 'open', asked: 'offered', incoming: this.incoming };
  }

  /** `direction` is what the answered offer had; the section may have been opened or shut since. */
  handleAnswer(answered: AnsweredSection, direction: OfferedSection['use']['direction']): IncomingChange {
    if (this.#state.type === 'rejected') return 'none';
    const before = this.incoming;
    if (answered.state === 'rejected') {
      this.#state = { type: 'rejected' };
      return before === undefined ? 'none' : 'stopped';
    }
    if (this.#state.type === 'shut' || direction !== 'recvonly') return 'none';
    if (!answered.sends) {
      this.#state = { type: 'open', asked: this.#state.asked === 'yes' ? 'yes' : 'no', incoming: undefined };
      return before === undefined ? 'none' : 'stopped';
    }
    const incoming = { codecs: answered.receivable, encodings: answered.encodings };
    this.#state = { type: 'open', asked: 'no', incoming };
    if (before === undefined) return 'started';
    return isDeepStrictEqual(before, incoming) ? 'none' : 'changed';
  }
}
