import { isDeepStrictEqual } from 'node:util';
import { CLOSE, type CloseName, type LeaveReason, type ProtocolError, type ServerMessage, SUBPROTOCOL } from '@aqlinks/protocol';
import type { RawData, WebSocket } from 'ws';
import { type Grant, type Notice, type Outlet, RequestError, type Rooms, type Session } from '../../session.ts';
import { Backlog } from './backlog.ts';
import { ERROR_RATE, FANNED_OUT_EVENTS, FANNED_OUT_RATE, MAX_BUFFERED_BYTES, MESSAGE_RATE } from './limits.ts';
import { Liveness } from './liveness.ts';
import type { Observer } from './observer.ts';
import { type Incoming, readMessage } from './read-message.ts';
import { newResumeKey } from './resumption.ts';
import { type Dialect, errorMessage, type ServerFacts, toMessage } from './to-message.ts';
import { TokenBucket } from './token-bucket.ts';

/** All times are milliseconds of one monotonic clock. */
export interface SignallingOptions {
  readonly facts: ServerFacts;
  readonly keepalivePing: number;
  readonly keepalivePong: number;
  readonly writeDeadline: number;
  readonly resumeWithin: number; // of the loss of a socket
  readonly now: () => number;
  readonly observer: Observer;
  /** Reads a new token for somebody who is in already, and lets it be used. Rejects with `RequestError`. */
  readonly renew: (token: string, held: Grant, use: (grant: Grant) => void) => Promise<void>;
}

export interface ConnectionOptions extends SignallingOptions {
  /** Asked for each message: whether those of the same address and project leave room for it. */
  readonly mayTake: () => boolean;
  /** What the client offered to speak: its socket will. */
  readonly dialect: Dialect;
}

type State =
  /** In the room, but the upgrade is not done: what is to be told waits. */
  | { readonly at: 'upgrading'; readonly notices: Notice[] }
  | { readonly at: 'open'; readonly socket: WebSocket; readonly dialect: Dialect }
  /** Its socket broke. In the room for a moment more, and what is to be told is kept: it may come back on another network. */
  | { readonly at: 'away'; readonly until: number }
  | { readonly at: 'closed'; readonly reason: CloseName | undefined }; // undefined: the socket went away by itself

/** One client on the plain protocol: a WebSocket on one side, a session in a room on the other. */
export class Connection implements Outlet {
  readonly simulcast: boolean;
  readonly #options: ConnectionOptions;
  readonly resumeKey = newResumeKey();
  readonly #backlog = new Backlog();
  readonly #messages: TokenBucket;
  readonly #fannedOut: TokenBucket;
  readonly #errors: TokenBucket;
  readonly #session: Session;
  #grant: Grant;
  #renewing = false;
  #liveness: Liveness;
  #received = 0; // messages
  #state: State = { at: 'upgrading', notices: [] };

  /** Joins the room at once, so that a refusal can still be an HTTP answer. Throws `JoinRefused`. */
  constructor(rooms: Rooms, grant: Grant, options: ConnectionOptions) {
    const now = options.now();
    this.simulcast = options.dialect === 'extended';
    this.#options = options;
    this.#liveness = new Liveness(options, now);
    this.#messages = new TokenBucket(MESSAGE_RATE, now);
    this.#fannedOut = new TokenBucket(FANNED_OUT_RATE, now);
    this.#errors = new TokenBucket(ERROR_RATE, now);
    this.#grant = grant;
    this.#session = rooms.join(grant, this);
  }

  get closed(): boolean {
    return this.#state.at === 'closed';
  }

  /** The upgrade is done. */
  open(socket: WebSocket): void {
    const dialect: Dialect = socket.protocol === SUBPROTOCOL ? 'extended' : 'plain';
    const state = this.#state;
    if (state.at !== 'upgrading') {
      socket.on('error', () => {}); // `close` follows
      if (state.at === 'closed' && state.reason !== undefined) closeSocket(socket, state.reason);
      return;
    }
    this.#state = { at: 'open', socket, dialect };
    this.#options.observer.joined(this.#session.participant, this.#grant.room, dialect);
    this.#listen(socket);
    for (const notice of state.notices) this.notify(notice);
  }

  /** Whether a new socket of this holder can go on where the last one broke. It may be that we have not heard of the break yet. */
  mayResume(grant: Grant, received: number): boolean {
    const { project, room, userId } = this.#grant;
    if (grant.project !== project || grant.room !== room || grant.userId !== userId) return false;
    const may = this.#state.at === 'away' || (this.#state.at === 'open' && this.#state.dialect === 'extended');
    return may && this.#backlog.after(received) !== undefined;
  }

  /** The new socket's upgrade is done. Nobody in the room is told anything. */
  resume(socket: WebSocket, received: number, grant: Grant): void {
    const missed = this.#backlog.after(received);
    const state = this.#state;
    if ((state.at !== 'open' && state.at !== 'away') || missed === undefined) {
      socket.on('error', () => {});
      closeSocket(socket, 'mediaFailed'); // ended between the two: come again, and join
      return;
    }
    this.#liveness = new Liveness(this.#options, this.#options.now());
    this.#state = { at: 'open', socket, dialect: 'extended' };
    if (state.at === 'open') state.socket.terminate();
    this.#listen(socket);
    this.#write(socket, JSON.stringify({ event: 'resumed', data: { received: this.#received } } satisfies ServerMessage));
    for (const text of missed) this.#write(socket, text);
    this.#takeOver(grant);
  }

  /** Whoever comes back with another token has what that one says from now on. */
  #takeOver(grant: Grant): void {
    if (isDeepStrictEqual(grant, this.#grant)) return;
    try {
      this.#session.refresh(grant);
      this.#grant = grant;
    } catch (error) {
      this.#refuse(this.#explain(error, 'token'));
    }
  }

  /** Of a socket that was left for another one nothing is heard any more. */
  #listen(socket: WebSocket): void {
    const current = () => this.#state.at === 'open' && this.#state.socket === socket;
    socket.on('error', () => {}); // ws closes it by itself, with 1009 or 1007 where that is the reason
    socket.on('close', code => current() && this.#lost(code));
    socket.on('message', (data, isBinary) => current() && this.#receive(data, isBinary));
    socket.on('ping', () => current() && this.#count());
    socket.on('pong', () => current() && this.#count());
  }

  /** Without a closing handshake the network broke it, or the client crashed: one of the two comes back. */
  #lost(code: number): void {
    const resumable = code === ABNORMAL && this.#state.at === 'open' && this.#state.dialect === 'extended';
    if (!resumable || this.#options.resumeWithin === 0) this.end('disconnected');
    else this.#state = { at: 'away', until: this.#options.now() + this.#options.resumeWithin };
  }

  notify(notice: Notice): void {
    if (this.#state.at === 'upgrading') this.#state.notices.push(notice);
    if (this.#state.at !== 'open' && this.#state.at !== 'away') return;
    const dialect = this.#state.at === 'away' ? 'extended' : this.#state.dialect;
    const message = toMessage(notice, dialect, { ...this.#options.facts, resumeKey: this.resumeKey });
    if (message !== undefined) this.#send(message);
  }

  close(reason: CloseName): void {
    const state = this.#state;
    if (state.at === 'closed') return;
    this.#state = { at: 'closed', reason };
    if (state.at === 'upgrading') return;
    this.#options.observer.left(this.#session.participant, this.#grant.room, reason);
    if (state.at === 'open') closeSocket(state.socket, reason);
  }

  /** The client ends it, or is gone: out of the room at once. Without a close code the socket is left to itself. */
  end(reason: LeaveReason, close?: CloseName): void {
    const state = this.#state;
    if (state.at === 'closed') return;
    this.#state = { at: 'closed', reason: close };
    if (state.at !== 'upgrading') this.#options.observer.left(this.#session.participant, this.#grant.room, close ?? reason);
    if (state.at === 'open' && close !== undefined) closeSocket(state.socket, close);
    try {
      this.#session.leave(reason);
    } catch (error) {
      this.#options.observer.failed(error); // called by sockets and by the timer: a throw would end the process
    }
  }

  /** Called some times within the shortest of the three settings. */
  tick(now: number): void {
    if (this.#state.at === 'away' && now >= this.#state.until) this.end('disconnected');
    if (this.#state.at !== 'open') return;
    switch (this.#liveness.check(now)) {
      case 'fine':
        break;
      case 'ping':
        this.#state.socket.ping();
        break;
      case 'silent':
        this.end('timeout', 'timeout');
        break;
      case 'stalled':
        this.end('disconnected', 'tooSlow');
        break;
    }
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#received += 1;
    if (!this.#count()) return;
    if (isBinary) {
      this.#refuse(BINARY);
      return;
    }
    const message = readMessage(data.toString());
    if (!message.ok) {
      this.#refuse(message.error);
      return;
    }
    const { event } = message.value;
    if (FANNED_OUT_EVENTS.has(event) && !this.#fannedOut.take(this.#options.now())) {
      this.#refuse({ ...TOO_MANY, event });
      return;
    }
    this.#options.observer.received(event);
    try {
      this.#apply(message.value);
    } catch (error) {
      this.#refuse(this.#explain(error, event));
    }
  }

  /** Any frame is a sign of life, and counts against the rate. */
  #count(): boolean {
    const now = this.#options.now();
    this.#liveness.heard(now);
    if (this.closed) return false;
    if (this.#messages.take(now) && this.#options.mayTake()) return true;
    this.#refuse(TOO_MANY);
    return false;
  }

  #apply(message: Incoming): void {
    switch (message.event) {
      case 'answer':
        this.#session.answer(message.sdp);
        break;
      case 'candidate':
        break;
      case 'chat':
        this.#session.chat(message.text);
        break;
      case 'publish':
        this.#session.publish(message.source);
        break;
      case 'unpublish':
        this.#session.unpublish(message.source);
        break;
      case 'mute':
        this.#session.mute(message.source, message.muted);
        break;
      case 'moderate':
        this.#session.moderate(message.act);
        break;
      case 'token':
        void this.#renew(message.token);
        break;
      case 'restart-ice':
        this.#sendIceServers();
        this.#session.restartIce();
        break;
      case 'view': {
        const { track, width, height } = message;
        this.#session.view(track, { width, height });
        break;
      }
      case 'ping':
        this.#backlog.acknowledge(message.received);
        this.#send({ event: 'pong', data: { received: this.#received } });
        break;
      case 'leave':
        this.end('left', 'left');
        break;
    }
  }

  /** Credentials may have expired since the last ones. */
  #sendIceServers(): void {
    if (this.#state.at !== 'open' || this.#state.dialect === 'plain') return;
    const iceServers = [...this.#options.facts.iceServers(this.#grant.userId)];
    if (iceServers.length > 0) this.#send({ event: 'ice-servers', data: { iceServers } });
  }

  /** One at a time; a signature takes no longer than the next message. */
  async #renew(token: string): Promise<void> {
    if (this.#renewing) {
      this.#refuse({ ...TOO_MANY, event: 'token' });
      return;
    }
    this.#renewing = true;
    try {
      await this.#options.renew(token, this.#grant, grant => {
        this.#session.refresh(grant);
        this.#grant = grant;
      });
    } catch (error) {
      if (!this.closed) this.#refuse(this.#explain(error, 'token'));
    } finally {
      this.#renewing = false;
    }
  }

  #explain(error: unknown, event: string): ProtocolError {
    if (error instanceof RequestError) return { code: error.code, message: error.message, event };
    this.#options.observer.failed(error);
    return { code: 'internal', message: 'This failed on our side; the call goes on. Try again.', event };
  }

  #refuse(error: ProtocolError): void {
    this.#options.observer.refused(error.code);
    if (this.#errors.take(this.#options.now())) this.#send(errorMessage(error));
    else this.end('disconnected', 'tooManyErrors');
  }

  #send(message: ServerMessage): void {
    const state = this.#state;
    if (state.at !== 'open' && state.at !== 'away') return;
    const text = JSON.stringify(message);
    if (state.at === 'away' || state.dialect === 'extended') this.#backlog.push(text);
    if (state.at === 'away') return;
    if (state.socket.bufferedAmount > MAX_BUFFERED_BYTES) this.end('disconnected', 'tooSlow');
    else this.#write(state.socket, text);
  }

  #write(socket: WebSocket, text: string): void {
    const liveness = this.#liveness;
    liveness.sending(this.#options.now());
    socket.send(text, () => liveness.sent(this.#options.now()));
  }
}

const ABNORMAL = 1006; // RFC 6455 7.4.1

const BINARY: ProtocolError = { code: 'not-json', message: 'Send text frames: there are no binary ones in this protocol.' };
const TOO_MANY: ProtocolError = { code: 'rate-limited', message: 'Send fewer messages; this one was dropped.' };

/** ws destroys the socket by itself if the client does not answer within CLOSE_TIMEOUT. */
function closeSocket(socket: WebSocket, reason: CloseName): void {
  socket.close(CLOSE[reason].code, CLOSE[reason].reason);
}
