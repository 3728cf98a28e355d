import {
  type LeaveReason,
  LIMITS,
  ProtocolError,
  RIGHT_TO_PUBLISH,
  type Right,
  type ServerMessage,
  type Source,
} from '@aqlinks/protocol';
import { Chat, type ChatMessage } from './chat.ts';
import { Connection } from './connection/connection.ts';
import { onNetworkChange } from './connection/network.ts';
import type { ConnectionState } from './connection/state.ts';
import { Emitter } from './emitter.ts';
import { MediaSession } from './media-session.ts';
import { type ConnectOptions, resolved } from './options.ts';
import { type RemoteParticipant, type RemoteTrack, Roster } from './people/roster.ts';
import { Views } from './people/views.ts';
import type { LocalMedia } from './publishing/local-media.ts';
import type { Device, StartOptions } from './publishing/local-source.ts';
import { MediaError } from './publishing/media-error.ts';
import { Moderation } from './rights/moderation.ts';
import { type Rights, Standing } from './rights/standing.ts';
import type { CallSnapshot, Self } from './snapshot.ts';
import { SpeakingListener } from './speaking/listener.ts';
import { type CallStats, callStats } from './stats/stats.ts';
import { Renewal } from './token/renewal.ts';

export interface CallEvents {
  connection: ConnectionState;
  'participant-joined': RemoteParticipant;
  'participant-left': { readonly participant: RemoteParticipant; readonly reason: LeaveReason };
  /** The media of somebody's track can be played. */
  track: { readonly participant: RemoteParticipant; readonly track: RemoteTrack; readonly media: MediaStreamTrack };
  chat: ChatMessage;
  speaking: ReadonlySet<string>;
  /** One of our own sources ended without our doing: unplugged, or its sharing ended in the browser's own bar. */
  interrupted: Source;
  /** What we may changes: told before it is done (`changing`) and after. */
  rights: Rights;
  /** Somebody muted our microphone, or stopped our video; it is off here already. `by`: their name. */
  'muted-by': { readonly source: Source; readonly by?: string | undefined };
  'ask-unmute': { readonly source: Source; readonly by?: string | undefined };
  /** From whoever runs the room. */
  'room-message': { readonly message: string };
  /** We are moved to another room, and come back there in a moment. */
  moved: { readonly room: string };
  /** The server refused a message of ours; the call goes on. */
  error: ProtocolError;
}

/** One participation in one room, through all its reconnections, until `leave()` or the server ends it. */
export class Call extends Emitter<CallEvents> {
  /** What we do to others, where we may. */
  readonly moderation = new Moderation(message => this.#connection.send(message));
  readonly #connection: Connection;
  readonly #media: MediaSession;
  readonly #local: LocalMedia;
  readonly #roster = new Roster();
  readonly #standing = new Standing();
  readonly #renewal: Renewal;
  readonly #views = new Views(media => this.#roster.trackOf(media));
  readonly #chat = new Chat();
  readonly #speaking: SpeakingListener;
  readonly #watchers = new Set<() => void>();
  readonly #unwatchNetwork: () => void;
  #ownsDevices: boolean; // a preview goes on when joining fails
  #self: Self | undefined;
  #room: string | undefined;
  #snapshot: CallSnapshot | undefined;

  constructor(options: ConnectOptions) {
    super();
    const { connection, media, rtcConfiguration } = resolved(options);
    this.#local = media;
    this.#ownsDevices = options.media === undefined;
    this.#connection = new Connection(connection);
    this.#renewal = new Renewal(connection.tokens);
    this.#media = new MediaSession(() => this.#local.sources, rtcConfiguration);
    this.#speaking = new SpeakingListener(this.#media, () => this.#self?.id);
    this.#wireConnection();
    this.#wireMedia();
    this.#wirePeople();
    this.#unwatchNetwork = onNetworkChange(() => {
      this.#connection.handleNetworkChanged();
      this.#media.handleNetworkChanged();
    });
    this.#connection.start();
  }

  /** The same object until something changes: fit for React's `useSyncExternalStore`. */
  readonly getSnapshot = (): CallSnapshot => {
    this.#snapshot ??= {
      connection: this.#connection.state,
      room: this.#room,
      self: this.#self,
      participants: this.#roster.participants,
      rights: this.#standing.rights,
      locked: this.#standing.locked,
      lobby: this.#standing.lobby,
      waiting: this.#standing.waiting,
      local: this.#local.sources,
      messages: this.#chat.messages,
      speaking: this.#speaking.speaking,
    };
    return this.#snapshot;
  };

  /** Calls back after every change. Returns the function that ends it. */
  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  };

  /** Starts and publishes a camera or microphone, or changes its device. Throws a `MediaError`. */
  async publish(device: Device, options?: StartOptions): Promise<void> {
    if (!this.#standing.mayPublish(device)) throw new MediaError('not-permitted', device);
    return this.#local.start(device, options);
  }

  /** Lets the person choose a screen or window and publishes it, with its sound where the browser offers it. Throws a `MediaError`. */
  async publishScreen({ audio = true }: { readonly audio?: boolean } = {}): Promise<void> {
    if (!this.#standing.mayPublish('screen')) throw new MediaError('not-permitted', 'screen');
    return this.#local.startScreen(audio);
  }

  unpublish(source: Source): void {
    this.#local.stop(source);
  }

  /** The others see it at once. A camera is released; a microphone sends silence. */
  mute(source: Source): void {
    this.#local.mute(source);
  }

  /** Throws a `MediaError` when the camera cannot be had again. */
  unmute(source: Source): Promise<void> {
    return this.#local.unmute(source);
  }

  /**
   * Says where somebody's video is shown: the server then sends it no larger than the element is, and not at all while it
   * cannot be seen. Returns the function that ends it. A video that is shown without saying so comes in full.
   */
  show(media: MediaStreamTrack, element: Element): () => void {
    return this.#views.show(media, element);
  }

  /** Cut to what the server takes. */
  sendChat(text: string): void {
    const data = text.trim().slice(0, LIMITS.chatLength);
    if (data === '' || this.#connection.state.name !== 'connected' || !this.may('chat')) return;
    this.#connection.send({ event: 'chat', data });
    this.#chat.handleSent(data);
  }

  may(right: Right): boolean {
    return this.#standing.may(right);
  }

  /** Hands over another token without leaving, for pages that renew theirs by themselves. */
  renewToken(token: string): void {
    this.#connection.send({ event: 'token', data: { token } });
  }

  stats(): Promise<CallStats> {
    const { connection } = this.#media;
    return connection === undefined
      ? Promise.resolve({ roundTripTime: undefined, availableUp: undefined, tracks: [] })
      : callStats(connection);
  }

  /** Ends the call and releases all devices. Idempotent. */
  leave(): void {
    this.#connection.leave();
  }

  #wireConnection(): void {
    this.#connection.on('message', message => this.#receive(message));
    this.#connection.on('state', state => {
      if (state.name !== 'connected' && state.name !== 'resuming') {
        this.#speaking.stop();
        this.#media.close();
        if (state.name !== 'waiting') this.#renewal.stop();
      }
      if (state.name === 'closed') {
        if (this.#ownsDevices) this.#local.stopAll();
        this.#unwatchNetwork();
      }
      this.#changed();
      this.emit('connection', state);
    });
  }

  #wireMedia(): void {
    this.#media.on('send', message => this.#connection.send(message));
    this.#media.on('connected', () => this.#connection.handleMediaConnected());
    this.#media.on('failed', () => this.#connection.handleMediaFailed());
    this.#media.on('media', ({ participant, track, media }) => this.#roster.handleMedia(participant, track, media));
    this.#local.on('changed', source => {
      this.#media.handleLocal(source);
      this.#changed();
    });
    this.#local.on('interrupted', source => this.emit('interrupted', source));
  }

  #wirePeople(): void {
    this.#roster.on('changed', () => this.#changed());
    this.#views.on('send', message => this.#connection.send(message));
    this.#roster.on('participant-joined', participant => this.emit('participant-joined', participant));
    this.#roster.on('participant-left', left => this.emit('participant-left', left));
    this.#roster.on('track', track => this.emit('track', track));
    this.#standing.on('changed', () => this.#changed());
    this.#standing.on('rights', rights => {
      if (this.#self !== undefined) this.#self = { ...this.#self, role: rights.role };
      this.#stopUnpermitted();
      this.emit('rights', rights);
    });
    this.#renewal.on('token', token => this.renewToken(token));
    this.#chat.on('changed', () => this.#changed());
    this.#chat.on('chat', message => this.emit('chat', message));
    this.#speaking.on('speaking', speaking => {
      this.#changed();
      this.emit('speaking', speaking);
    });
  }

  #receive(message: ServerMessage): void {
    switch (message.event) {
      case 'welcome': {
        const { tracks: _, ...self } = message.data.participant;
        this.#self = self;
        this.#room = message.data.room;
        this.#ownsDevices = true;
        this.#standing.handleMessage(message);
        this.#stopUnpermitted();
        this.#views.reset();
        this.#media.handleWelcome(message.data.iceServers);
        this.#roster.handleMessage(message);
        this.#speaking.start();
        return;
      }
      case 'participant-joined':
      case 'participant-left':
      case 'track-published':
      case 'track-unpublished':
      case 'track-muted':
      case 'track-paused':
      case 'role-changed':
        this.#roster.handleMessage(message);
        return;
      case 'offer':
      case 'candidate':
      case 'publishing':
      case 'subscribed':
      case 'unsubscribed':
      case 'layers':
      case 'ice-servers':
        this.#media.handleMessage(message);
        return;
      case 'speakers':
        this.#speaking.handleSpeakers(message.data.participants);
        return;
      case 'chat':
        this.#chat.handleMessage(message);
        return;
      case 'error':
        this.#refused(message.data);
        return;
      case 'rights':
      case 'room-changed':
      case 'lobby-joined':
      case 'lobby-left':
        this.#standing.handleMessage(message);
        return;
      case 'muted-by':
        this.#mutedBy(message.data.source);
        this.emit('muted-by', message.data);
        return;
      case 'ask-unmute':
        this.emit('ask-unmute', message.data);
        return;
      case 'room-message':
        this.emit('room-message', message.data);
        return;
      case 'moved':
        this.emit('moved', message.data);
        return;
      case 'token-expiring':
        this.#renewal.handleExpiring(message.data);
        return;
      case 'token-accepted':
        this.#renewal.handleAccepted();
        return;
      case 'waiting':
      case 'pong':
      case 'shutdown':
        return; // the connection's own
    }
  }

  /** The server does not forward it any more; what we show and send follows. */
  #mutedBy(source: Source): void {
    if (source === 'camera' || source === 'screen') this.#local.stop(source);
    else this.#local.mute(source);
  }

  #stopUnpermitted(): void {
    for (const source of Object.keys(RIGHT_TO_PUBLISH) as Source[]) {
      if (!this.#standing.mayPublish(source)) this.#local.stop(source);
    }
  }

  #refused(data: string): void {
    const error = errorOf(data);
    if (error === undefined) return;
    if (error.event === 'publish') {
      const source = this.#media.handleRefused();
      if (source !== undefined) this.#local.stop(source);
    }
    if (error.event === 'token') this.#renewal.handleRefused();
    this.emit('error', error);
  }

  #changed(): void {
    this.#snapshot = undefined;
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Joins. What comes of it is told by the call's snapshot and events: the promise is in its state. */
export function connect(options: ConnectOptions): Call {
  return new Call(options);
}

function errorOf(data: string): ProtocolError | undefined {
  try {
    return ProtocolError.parse(JSON.parse(data));
  } catch {
    return undefined;
  }
}
