import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL } from '@aqlinks/protocol';
import type { Grant, Rooms } from '../../session.ts';
import { Connection, type SignallingOptions } from './connection.ts';
import { tickInterval } from './liveness.ts';

/** Every client on the plain protocol. One timer serves them all. */
export class AqSignalling {
  readonly #rooms: Rooms;
  readonly #options: SignallingOptions;
  readonly #connections = new Set<Connection>();
  readonly #timer: NodeJS.Timeout;

  constructor(rooms: Rooms, options: SignallingOptions) {
    this.#rooms = rooms;
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), tickInterval(options)).unref();
  }

  /** Puts the holder of a grant into its room; the socket follows by `open`, or `end` if the upgrade fails. Throws `JoinRefused`. */
  join(grant: Grant, { headers }: Pick<IncomingMessage, 'headers'>, mayTake: () => boolean): Connection {
    const offered = headers['sec-websocket-protocol']?.split(',').map(name => name.trim()) ?? [];
    const dialect = selectSubprotocol(new Set(offered)) === false ? 'plain' : 'extended';
    const connection = new Connection(this.#rooms, grant, { ...this.#options, mayTake, dialect });
    this.#connections.add(connection);
    return connection;
  }

  /** No more ticks. The rooms tell the clients and close them before. */
  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = this.#options.now();
    for (const connection of this.#connections) {
      connection.tick(now);
      if (connection.closed) this.#connections.delete(connection);
    }
  }
}

/** For the upgrade (RFC 6455 4.2.2): the subprotocol that is selected of those a client offers. */
export const selectSubprotocol = (offered: ReadonlySet<string>): string | false =>
  offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
