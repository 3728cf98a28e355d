import type { ClientMessage, IceServer, ServerMessage, Source } from '@aqlinks/protocol';
import { Emitter } from './emitter.ts';
import { Negotiator } from './negotiation/negotiator.ts';
import { type Received, Subscriptions } from './people/subscriptions.ts';
import type { LocalSources } from './publishing/local-source.ts';
import { Publisher } from './publishing/publisher.ts';

interface MediaSessionEvents {
  send: ClientMessage;
  media: { readonly participant: string; readonly track: string; readonly media: MediaStreamTrack | undefined };
  connected: undefined;
  failed: undefined;
}

type MediaMessage = Extract<
  ServerMessage,
  { event: 'offer' | 'candidate' | 'publishing' | 'subscribed' | 'unsubscribed' | 'layers' | 'ice-servers' }
>;

/** Sound and picture of a call: one RTCPeerConnection for each connection to the server, what we send on it and what comes. */
export class MediaSession extends Emitter<MediaSessionEvents> {
  readonly #publisher: Publisher;
  readonly #subscriptions = new Subscriptions();
  readonly #configuration: RTCConfiguration;
  #negotiator: Negotiator | undefined;

  constructor(local: () => LocalSources, configuration: RTCConfiguration) {
    super();
    this.#configuration = configuration;
    this.#publisher = new Publisher(local);
    this.#publisher.on('send', message => this.emit('send', message));
    this.#subscriptions.on('media', media => this.emit('media', media));
  }

  get connection(): RTCPeerConnection | undefined {
    return this.#negotiator?.connection;
  }

  /** The server let us in: everything begins anew. */
  handleWelcome(iceServers: IceServer[] = []): void {
    this.close();
    const negotiator = new Negotiator(new RTCPeerConnection(this.#configured(iceServers)), () => this.#publisher.prepare());
    this.#negotiator = negotiator;
    this.#publisher.handleWelcome(negotiator.connection);
    negotiator.on('answer', sdp => {
      this.emit('send', { event: 'answer', data: JSON.stringify({ type: 'answer', sdp }) });
      this.#publisher.handleAnswered();
    });
    negotiator.on('negotiated', () => this.#subscriptions.handleNegotiated(mid => negotiator.transceiver(mid)));
    negotiator.on('connected', () => this.emit('connected', undefined));
    negotiator.on('restart', () => this.emit('send', { event: 'restart-ice' }));
    negotiator.on('failed', () => this.emit('failed', undefined));
  }

  handleMessage(message: MediaMessage): void {
    switch (message.event) {
      case 'offer':
        this.#negotiator?.handleOffer(message.data);
        return;
      case 'candidate':
        this.#negotiator?.handleCandidate(message.data);
        return;
      case 'publishing':
        this.#publisher.handlePublishing(message.data.source, message.data.mid);
        return;
      case 'subscribed':
        this.#subscriptions.handleSubscribed(message.data);
        return;
      case 'ice-servers':
        this.#negotiator?.connection.setConfiguration(this.#configured(message.data.iceServers));
        return;
      case 'layers':
        this.#publisher.handleLayers(message.data.source, message.data.active);
        return;
      case 'unsubscribed':
        this.#subscriptions.handleUnsubscribed(message.data.track);
        return;
    }
  }

  /** What the page asked for wins over what the server said. */
  #configured(iceServers: IceServer[]): RTCConfiguration {
    const servers = iceServers.map(({ urls, username = '', credential = '' }) => ({ urls, username, credential }));
    return { bundlePolicy: 'max-bundle', iceServers: servers, ...this.#configuration };
  }

  handleNetworkChanged(): void {
    this.#negotiator?.handleNetworkChanged();
  }

  handleLocal(source: Source): void {
    this.#publisher.handleLocal(source);
  }

  /** The server refused a `publish`: of which source. */
  handleRefused(): Source | undefined {
    return this.#publisher.handleRefused();
  }

  sender(source: Source): RTCRtpSender | undefined {
    return this.#publisher.sender(source);
  }

  received(): Received[] {
    const negotiator = this.#negotiator;
    return negotiator === undefined ? [] : [...this.#subscriptions.receivers(mid => negotiator.transceiver(mid))];
  }

  /** Until the next welcome, or for good. Idempotent. */
  close(): void {
    this.#negotiator?.close();
    this.#negotiator = undefined;
    this.#publisher.handleAway();
    this.#subscriptions.reset();
  }
}
