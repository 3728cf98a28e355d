import { type LeaveReason, LIMITS, ProtocolError, type ServerMessage, type Source } from '@aqlinks/protocol';
import { Chat, type ChatMessage } from './chat.ts';
import { Connection } from './connection/connection.ts';
import { onNetworkChange } from './connection/network.ts';
import type { ConnectionState } from './connection/state.ts';
import { Emitter } from './emitter.ts';
import { MediaSession } from './media-session.ts';
import { type ConnectOptions, resolved } from './options.ts';
import { type RemoteParticipant, type RemoteTrack, Roster } from './people/roster.ts';
import type { LocalMedia } from './publishing/local-media.ts';
import type { Device, StartOptions } from './publishing/local-source.ts';
import type { CallSnapshot, Self } from './snapshot.ts';
import { SpeakingListener } from './speaking/listener.ts';
import { type CallStats, callStats } from './stats/stats.ts';

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
  /** The server refused a message of ours; the call goes on. */
  error: ProtocolError;
}

/** One participation in one room, through all its reconnections, until `leave()` or the server ends it. */
export class Call extends Emitter<CallEvents> {
  readonly #connection: Connection;
  readonly #media: MediaSession;
  readonly #local: LocalMedia;
  readonly #roster = new Roster();
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
    this.#media = new MediaSession(() => this.#local.sources, rtcConfiguration);
    this.#speaking = new SpeakingListener(this.#media, () => this.#self?.id);
    this.#wireConnection();
    this.#wireMedia();
    this.#wirePeople();
    this.#unwatchNetwork = onNetworkChange(() => {
      this.#connection.handleOnline();
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
  publish(device: Device, options?: StartOptions): Promise<void> {
    return this.#local.start(device, options);
  }

  /** Lets the person choose a screen or window and publishes it, with its sound where the browser offers it. Throws a `MediaError`. */
  publishScreen({ audio = true }: { readonly audio?: boolean } = {}): Promise<void> {
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

  /** Cut to what the server takes. */
  sendChat(text: string): void {
    const data = text.trim().slice(0, LIMITS.chatLength);
    if (data === '' || this.#connection.state.name !== 'connected') return;
    this.#connection.send({ event: 'chat', data });
    this.#chat.handleSent(data);
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
      if (state.name !== 'connected') {
        this.#speaking.stop();
        this.#media.close();
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
    this.#roster.on('participant-joined', participant => this.emit('participant-joined', participant));
    this.#roster.on('participant-left', left => this.emit('participant-left', left));
    this.#roster.on('track', track => this.emit('track', track));
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
        this.#roster.handleMessage(message);
        return;
      case 'offer':
      case 'candidate':
      case 'publishing':
      case 'subscribed':
      case 'unsubscribed':
      case 'ice-servers':
        this.#media.handleMessage(message);
        return;
      case 'chat':
        this.#chat.handleMessage(message);
        return;
      case 'error':
        this.#refused(message.data);
        return;
      case 'pong':
      case 'shutdown':
        return; // the connection's own
    }
  }

  #refused(data: string): void {
    const error = errorOf(data);
    if (error === undefined) return;
    if (error.event === 'publish') {
      const source = this.#media.handleRefused();
      if (source !== undefined) this.#local.stop(source);
    }
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
