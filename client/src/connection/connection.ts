import { CLOSE, type ClientMessage, type ServerMessage } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';
import type { TokenSource } from '../token/token-source.ts';
import { socketAddress } from './address.ts';
import { type CloseReason, endedBy, LEFT, MEDIA_UNREACHABLE, noToken, UNREACHABLE } from './close-reason.ts';
import { diagnose, passes } from './diagnosis.ts';
import { Exchange } from './exchange.ts';
import { Heartbeat } from './heartbeat.ts';
import { Link, type LinkClosed } from './link.ts';
import type { ReconnectPolicy } from './reconnect-policy.ts';
import { type ConnectionEvent, type ConnectionState, transition } from './state.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Asked before every try. */
  readonly tokens: TokenSource;
  readonly policy: ReconnectPolicy;
  readonly patience: number; // ms without a sign of life after which the server counts as gone
}

/** ms after the loss of a socket in which the next ones try to go on where it broke, and between two of them. */
const RESUME_FOR = 5_000;
const RESUME_PAUSE = 300;

interface ConnectionEvents {
  state: ConnectionState;
  message: ServerMessage;
}

/** What went wrong last, to be told if no further try helps. */
type Loss = { readonly of: 'socket' | 'media' | 'move'; readonly refusal?: CloseReason };

const ABNORMAL = 1006; // RFC 6455 7.4.1

/** Keeps one WebSocket to the server, and brings it back when it is lost. */
export class Connection extends Emitter<ConnectionEvents> {
  readonly #options: ConnectionOptions;
  readonly #heartbeat: Heartbeat;
  #state: ConnectionState = { name: 'connecting' };
  #link: Link | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #exchange = new Exchange();
  #resumeUntil = 0; // ms since 1970
  #keepalive = 30; // seconds
  #attempts = 0; // since the call last stood
  #notBefore = 0; // ms since 1970: the server said when it will be back

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.patience);
    this.#heartbeat.on('ping', () => this.send({ event: 'ping', data: { received: this.#exchange.received } }));
    this.#heartbeat.on('dead', () => this.#link?.abandon());
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Once. */
  start(): void {
    void this.#open();
  }

  /** While the socket is broken, it waits for the next one. */
  send(message: ClientMessage): void {
    this.#exchange.handleSent(message);
    if (this.#state.name !== 'resuming') this.#link?.send(message);
  }

  /** Ends it for good. Idempotent. */
  leave(): void {
    this.send({ event: 'leave' });
    this.#end(LEFT);
  }

  /** Sound and picture flow: the next loss begins its tries anew. */
  handleMediaConnected(): void {
    this.#attempts = 0;
  }

  /** The media connection is beyond repair; a new one comes with a new socket. */
  handleMediaFailed(): void {
    if (this.#state.name !== 'connected') return;
    this.#link?.close();
    this.#lose({ of: 'media' });
  }

  /** The network is back, or another one: why wait. A socket over the old one is of no use, but nothing says so. */
  handleNetworkChanged(): void {
    if (this.#state.name === 'connected') this.#heartbeat.probe();
    if (this.#retry === undefined) return;
    clearTimeout(this.#retry);
    void this.#open();
  }

  async #open(): Promise<void> {
    this.#retry = undefined;
    let token: string;
    try {
      token = await this.#options.tokens.get();
    } catch (error) {
      this.#fail(noToken(error));
      return;
    }
    if (this.#state.name === 'closed') return;
    const resumption = this.#state.name === 'resuming' ? this.#exchange.resumption : undefined;
    if (resumption === undefined) this.#exchange = new Exchange();
    const link = new Link(socketAddress(this.#options.url, token, resumption));
    this.#link = link;
    link.on('message', message => this.#receive(message));
    link.on('closed', closed => void this.#closed(closed, token));
    this.#heartbeat.expect(); // of the welcome: a browser alone would wait minutes for a silent address
  }

  #receive(message: ServerMessage): void {
    this.#heartbeat.handleReceived();
    if (message.event === 'resumed') {
      this.#resume(message.data.received);
      return;
    }
    // The server could not go on: this is a new participation.
    if (this.#state.name === 'resuming') this.#exchange = new Exchange();
    this.#exchange.handleReceived(message);
    if (message.event === 'pong') return;
    if (message.event === 'shutdown') this.#notBefore = Date.now() + message.data.reconnectAfter * 1_000;
    this.emit('message', message);
    if (message.event !== 'welcome' && message.event !== 'waiting') return;
    this.#keepalive = message.data.keepaliveSeconds;
    this.#heartbeat.start(this.#keepalive);
    this.#dispatch({ type: message.event === 'welcome' ? 'welcomed' : 'waits' }); // after it was told what the call now is
  }

  #resume(received: number): void {
    this.#exchange.handleAcknowledged(received);
    for (const message of this.#exchange.held) this.#link?.send(message);
    this.#heartbeat.start(this.#keepalive);
    this.#dispatch({ type: 'resumed' });
  }

  /** The socket broke, and not by anybody's will. True: the next one may go on. */
  #interrupted(code: number): boolean {
    if (code !== ABNORMAL || this.#exchange.resumption === undefined) return false;
    if (this.#state.name === 'connected') {
      this.#resumeUntil = Date.now() + RESUME_FOR;
      this.#dispatch({ type: 'interrupted' });
      void this.#open();
      return true;
    }
    if (this.#state.name !== 'resuming' || Date.now() >= this.#resumeUntil) return false;
    this.#retry = setTimeout(() => void this.#open(), RESUME_PAUSE);
    return true;
  }

  async #closed({ opened, code }: LinkClosed, token: string): Promise<void> {
    this.#heartbeat.stop();
    this.#link = undefined;
    const reason = endedBy(code);
    if (reason !== undefined) return this.#end(reason);
    if (this.#interrupted(code)) return;
    if (opened) return this.#lose({ of: code === CLOSE.moved.code ? 'move' : 'socket' });
    const diagnosis = await diagnose(this.#options.url, token);
    if (diagnosis.type !== 'refused') return this.#fail(UNREACHABLE);
    const renews = this.#options.tokens.renews && diagnosis.code === 'token-expired';
    if (passes(diagnosis.code) || renews) return this.#fail(diagnosis);
    this.#end(diagnosis);
  }

  /** A try failed for a reason that may pass. The first join says so at once instead: nobody waits there for ten tries. */
  #fail(refusal: CloseReason): void {
    if (this.#state.name === 'connecting') this.#end(refusal);
    else this.#lose({ of: 'socket', refusal });
  }

  #lose({ of, refusal }: Loss): void {
    if (this.#state.name === 'closed') return;
    this.#heartbeat.stop();
    const attempt = ++this.#attempts;
    const backoff = of === 'move' ? 0 : this.#options.policy(attempt); // a place waits there
    if (backoff === undefined) {
      this.#end(refusal ?? (of === 'media' ? MEDIA_UNREACHABLE : UNREACHABLE));
      return;
    }
    const delay = Math.max(backoff, this.#notBefore - Date.now());
    this.#dispatch({ type: 'lost', attempt, delay });
    this.#retry = setTimeout(() => void this.#open(), delay);
  }

  #end(reason: CloseReason): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#heartbeat.stop();
    this.#link?.close();
    this.#link = undefined;
    this.#dispatch({ type: 'ended', reason });
  }

  #dispatch(event: ConnectionEvent): void {
    const state = transition(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
