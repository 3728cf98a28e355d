import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL } from '@aqlinks/protocol';
import type { WebSocket } from 'ws';
import type { Grant, Rooms } from '../../session.ts';
import { Connection, type SignallingOptions } from './connection.ts';
import { tickInterval } from './liveness.ts';
import { resumptionOf } from './resumption.ts';

type Upgrade = Pick<IncomingMessage, 'headers' | 'url'>;

/** A participant whose socket is to follow. */
interface Joined {
  open(socket: WebSocket): void;
  end(reason: 'disconnected'): void;
}

/** Every client on the plain protocol. One timer serves them all. */
export class AqSignalling {
  readonly #rooms: Rooms;
  readonly #options: SignallingOptions;
  readonly #connections = new Map<string, Connection>(); // by the key to resume them
  readonly #timer: NodeJS.Timeout;

  constructor(rooms: Rooms, options: SignallingOptions) {
    this.#rooms = rooms;
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), tickInterval(options)).unref();
  }

  /**
   * Puts the holder of a grant into its room, or lets it go on where its last socket broke; the socket follows by `open`, or
   * `end` if the upgrade fails. Throws `JoinRefused`.
   */
  join(grant: Grant, request: Upgrade, mayTake: () => boolean): Joined {
    const resumption = resumptionOf(request);
    if (resumption !== undefined) {
      const { key, received } = resumption;
      const known = this.#connections.get(key);
      if (known?.mayResume(grant, received)) return { open: socket => known.resume(socket, received, grant), end: () => {} };
    }
    const offered = request.headers['sec-websocket-protocol']?.split(',').map(name => name.trim()) ?? [];
    const dialect = selectSubprotocol(new Set(offered)) === false ? 'plain' : 'extended';
    const connection = new Connection(this.#rooms, grant, { ...this.#options, mayTake, dialect });
    this.#connections.set(connection.resumeKey, connection);
    return connection;
  }

  /** No more ticks. The rooms tell the clients and close them before. */
  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = this.#options.now();
    for (const [key, connection] of this.#connections) {
      connection.tick(now);
      if (connection.closed) this.#connections.delete(key);
    }
  }
}

/** For the upgrade (RFC 6455 4.2.2): the subprotocol that is selected of those a client offers. */
export const selectSubprotocol = (offered: ReadonlySet<string>): string | false =>
  offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
