import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS } from '@aqlinks/protocol';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Grant } from '../session.ts';
import { checkHandshake, type Door, pathOf, SOCKET_PATHS } from './door.ts';
import { asRefusal, internal, Refusal } from './refusal.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** What signalling makes of a grant: in the room already, its socket to follow. */
export interface Joined {
  open(socket: WebSocket): void;
  end(reason: 'disconnected'): void;
}

export interface UpgradeOptions {
  readonly door: Door;
  readonly waiting: WaitingRoom;
  /** Throws `JoinRefused`. */
  readonly join: (grant: Grant, request: IncomingMessage) => Joined;
  readonly selectSubprotocol: (offered: ReadonlySet<string>) => string | false;
  readonly closeTimeout: number; // ms
  /** `grant`: of a token that was good and opened this room not. */
  readonly refused: (refusal: Refusal, request: IncomingMessage, grant: Grant | undefined) => void;
  readonly failed: (error: unknown) => void; // a bug of ours
}

/** Turns an HTTP request into a WebSocket; until everything is checked, it is an ordinary request that gets an ordinary refusal. */
export class Upgrades {
  readonly #options: UpgradeOptions;
  readonly #sockets: WebSocketServer;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    const settings: ServerOptions & { readonly closeTimeout: number; readonly maxFragments: number } = {
      noServer: true,
      clientTracking: true,
      maxPayload: LIMITS.messageBytes,
      maxFragments: 256, // of one message; no client in the field fragments at all
      perMessageDeflate: false, // costs memory for every socket, and a small frame could become a large one
      handleProtocols: options.selectSubprotocol,
      closeTimeout: options.closeTimeout,
    };
    this.#sockets = new WebSocketServer(settings);
  }

  async handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy()); // a client that goes away is no error of ours
    let grant: Grant | undefined;
    try {
      if (!isSocketPath(pathOf(request))) throw new Refusal(404, 'not-found', `WebSockets are served at ${SOCKET_PATHS[0]}.`);
      checkHandshake(request);
      grant = await this.#options.door.admit(request);
      if (socket.destroyed) return;
      this.#complete(request, socket, head, this.#options.join(grant, request));
    } catch (error) {
      this.#refuse(socket, error, request, grant);
    }
  }

  #complete(request: IncomingMessage, socket: Duplex, head: Buffer, joined: Joined): void {
    this.#sockets.handleUpgrade(request, socket, head, webSocket => joined.open(webSocket));
    this.#options.waiting.leave(request.socket);
    // It is synchronous, and calls back unless the client went away meanwhile. Where it did call back, the socket ends it.
    if (socket.destroyed || !socket.writable) joined.end('disconnected');
  }

  /** Resolves when the last WebSocket has closed, or after `timeout` ms. */
  async drained(timeout: number): Promise<void> {
    const closed = [...this.#sockets.clients].map(webSocket => new Promise(resolve => webSocket.once('close', resolve)));
    const expired = Promise.withResolvers<void>();
    const timer = setTimeout(expired.resolve, timeout);
    await Promise.race([Promise.all(closed), expired.promise]);
    clearTimeout(timer);
  }

  /** Whoever did not close by itself until then is cut off. */
  close(): void {
    for (const webSocket of this.#sockets.clients) webSocket.terminate();
    this.#sockets.close();
  }

  get open(): number {
    return this.#sockets.clients.size;
  }

  #refuse(socket: Duplex, error: unknown, request: IncomingMessage, grant: Grant | undefined): void {
    const refusal = asRefusal(error);
    if (refusal === undefined) this.#options.failed(error);
    else this.#options.refused(refusal, request, grant);
    answer(socket, refusal ?? internal());
  }
}

export const isSocketPath = (path: string) => (SOCKET_PATHS as readonly string[]).includes(path);

const LINGER = 1_000; // ms for a refused client to take its answer

function answer(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify(refusal.body);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    ...(refusal.code === 'handshake-invalid' ? ['Sec-WebSocket-Version: 13'] : []),
    ...(refusal.retryAfter === undefined ? [] : [`Retry-After: ${refusal.retryAfter}`]), // RFC 6585 4
  ];
  const cut = setTimeout(() => socket.destroy(), LINGER).unref();
  socket.once('close', () => clearTimeout(cut));
  socket.resume(); // unread bytes would make the system reset the connection, and the client lose the answer
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
