import type { ClientMessage, Source } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';
import { type ActiveLayers, boundEncodings } from './encodings.ts';
import { ALL_OFF, type LocalSource, type LocalSources } from './local-source.ts';

/** Where the publishing of one source stands on this connection. */
type Publication =
  | { readonly state: 'idle' }
  | { readonly state: 'asked' }
  /** The server named the section; an offer with it follows. */
  | { readonly state: 'assigned' }
  /** The server was told `muted` last. */
  | { readonly state: 'sending'; readonly muted: boolean };

type Phase = 'away' | 'first-offer' | 'standing';

interface PublisherEvents {
  send: ClientMessage;
}

const IDLE: Publication = { state: 'idle' };
const SOURCES = Object.keys(ALL_OFF) as Source[];
/** Of every first offer (SPEC P13). */
const FIRST_SECTIONS: readonly [Source, string][] = [
  ['camera', '0'],
  ['microphone', '1'],
];

/** Brings our sources to the server, and keeps what it was told in step with what we have. */
export class Publisher extends Emitter<PublisherEvents> {
  readonly #local: () => LocalSources;
  readonly #publications = new Map<Source, Publication>();
  readonly #mids = new Map<Source, string>();
  readonly #active = new Map<Source, ActiveLayers>();
  #bounding: Promise<void> = Promise.resolve();
  #phase: Phase = 'away';
  #connection: RTCPeerConnection | undefined;

  constructor(local: () => LocalSources) {
    super();
    this.#local = local;
  }

  /** The connection is gone; the next one begins with nothing. */
  handleAway(): void {
    this.#phase = 'away';
    this.#connection = undefined;
    this.#publications.clear();
    this.#active.clear();
    this.#mids.clear();
  }

  handleWelcome(connection: RTCPeerConnection): void {
    this.handleAway();
    this.#phase = 'first-offer';
    this.#connection = connection;
    for (const [source, mid] of FIRST_SECTIONS) this.#mids.set(source, mid);
  }

  /** The answer to our `publish`. */
  handlePublishing(source: Source, mid: string): void {
    this.#mids.set(source, mid);
    if (this.#publication(source).state === 'asked') this.#publications.set(source, { state: 'assigned' });
  }

  /** The server refused a `publish`. It answers in order, so it is the one that was asked for first. */
  handleRefused(): Source | undefined {
    for (const [source, { state }] of this.#publications) {
      if (state !== 'asked') continue;
      this.#publications.delete(source);
      return source;
    }
    return undefined;
  }

  /** One of our sources is another one, on, off or muted now. */
  handleLocal(source: Source): void {
    const local = this.#local()[source];
    const publication = this.#publication(source);
    switch (local.state) {
      case 'starting':
        return;
      case 'off':
        if (publication.state === 'idle') return;
        this.#publications.delete(source);
        this.#active.delete(source); // of the track that ends
        this.emit('send', { event: 'unpublish', data: { source } });
        this.#replace(source);
        return;
      case 'on':
      case 'muted':
        if (publication.state === 'idle') {
          this.#ask(source);
          return;
        }
        if (publication.state !== 'sending') return;
        this.#replace(source);
        this.#tellMuted(source, publication);
        return;
    }
  }

  /** An offer was taken and is not answered yet: put our tracks into the sections that are ours. */
  async prepare(): Promise<void> {
    if (this.#phase === 'first-offer') {
      for (const [source] of FIRST_SECTIONS) {
        if (wanted(this.#local()[source])) this.#publications.set(source, { state: 'assigned' });
      }
    }
    for (const source of SOURCES) {
      const transceiver = this.#transceiver(source);
      if (transceiver === undefined) continue;
      const { state } = this.#publication(source);
      transceiver.direction = state === 'assigned' || state === 'sending' ? 'sendonly' : 'inactive';
      await transceiver.sender.replaceTrack(sent(this.#local()[source]));
      // Before the answer, so that an encoder begins with the right layers.
      if (transceiver.direction === 'sendonly') await this.#bound(source, transceiver.sender);
    }
  }

  /** The answer is on its way: what it published is ours to mute, and what changed meanwhile is made good. */
  handleAnswered(): void {
    this.#phase = 'standing';
    for (const source of SOURCES) {
      const transceiver = this.#transceiver(source);
      if (transceiver?.currentDirection !== 'sendonly') continue;
      const { state } = this.#publication(source);
      if (state === 'idle') this.emit('send', { event: 'unpublish', data: { source } });
      if (state !== 'assigned') continue;
      this.#publications.set(source, { state: 'sending', muted: false });
      void this.#bound(source, transceiver.sender);
    }
    for (const source of SOURCES) this.handleLocal(source);
  }

  /** Which layers anybody watches. The others need not be sent. */
  handleLayers(source: Source, active: ActiveLayers): void {
    this.#active.set(source, active);
    const sender = this.#transceiver(source)?.sender;
    if (sender !== undefined) void this.#bound(source, sender);
  }

  /** The sender of a source that is published now. */
  sender(source: Source): RTCRtpSender | undefined {
    return this.#publication(source).state === 'sending' ? this.#transceiver(source)?.sender : undefined;
  }

  /** One after another: a sender's parameters must be those that were read last. */
  #bound(source: Source, sender: RTCRtpSender): Promise<void> {
    this.#bounding = this.#bounding.then(() => boundEncodings(sender, source, this.#active.get(source)));
    return this.#bounding;
  }

  #ask(source: Source): void {
    if (this.#phase !== 'standing') return; // the first offer brings two sections unasked; the rest waits for its answer
    this.#publications.set(source, { state: 'asked' });
    this.emit('send', { event: 'publish', data: { source } });
  }

  #tellMuted(source: Source, publication: Extract<Publication, { state: 'sending' }>): void {
    const muted = this.#local()[source].state === 'muted';
    if (publication.muted === muted) return;
    this.#publications.set(source, { state: 'sending', muted });
    this.emit('send', { event: 'mute', data: { source, muted } });
  }

  /** Without negotiation. A sender that is closed already has nothing to replace. */
  #replace(source: Source): void {
    const sender = this.#transceiver(source)?.sender;
    const track = sent(this.#local()[source]);
    if (sender !== undefined && sender.track !== track) sender.replaceTrack(track).catch(() => undefined);
  }

  #publication(source: Source): Publication {
    return this.#publications.get(source) ?? IDLE;
  }

  #transceiver(source: Source): RTCRtpTransceiver | undefined {
    const mid = this.#mids.get(source);
    return mid === undefined ? undefined : this.#connection?.getTransceivers().find(transceiver => transceiver.mid === mid);
  }
}

function wanted(local: LocalSource): boolean {
  return local.state === 'on' || local.state === 'muted';
}

/** A camera that is released sends nothing; a muted microphone sends its silence. */
function sent(local: LocalSource): MediaStreamTrack | null {
  return wanted(local) && 'media' in local ? (local.media ?? null) : null;
}
