import type { Socket } from 'node:net';
import type { Guard } from './guard/guard.ts';

/** Connections that are not WebSockets (yet): how many there may be at once. Behind it a flood fills a table, not our memory. */
export const MAX_WAITING = 4_096;
/** Of them from one address, so that the others always find a place. A browser holds up to six. */
export const MAX_WAITING_PER_ADDRESS = MAX_WAITING / 2;

interface Place {
  readonly connection: string;
  readonly holder: string | undefined;
}

/** Counts the connections of whoever has not authenticated; beyond the bounds the newest are cut off. */
export class WaitingRoom {
  readonly #guard: Pick<Guard, 'holderOf' | 'mayEnter'>;
  readonly #places = new Set<Place>();
  readonly #byConnection = new Map<string, Place>();
  readonly #held = new Map<string, number>(); // by whom; no more entries than places

  constructor(guard: Pick<Guard, 'holderOf' | 'mayEnter'>) {
    this.#guard = guard;
  }

  /** Whether there is a place for it. */
  enter(socket: Socket): boolean {
    const holder = this.#guard.holderOf(socket);
    const held = holder === undefined ? 0 : (this.#held.get(holder) ?? 0);
    if (this.#places.size >= MAX_WAITING || held >= MAX_WAITING_PER_ADDRESS || !this.#guard.mayEnter(holder)) {
      return false;
    }
    const place = { connection: connectionOf(socket), holder };
    this.#places.add(place);
    this.#byConnection.set(place.connection, place);
    if (holder !== undefined) this.#held.set(holder, held + 1);
    socket.once('close', () => this.#free(place));
    return true;
  }

  /** It became a WebSocket. Under TLS its socket is another object than the one that entered. */
  leave(socket: Socket): void {
    const place = this.#byConnection.get(connectionOf(socket));
    if (place !== undefined) this.#free(place);
  }

  #free(place: Place): void {
    if (!this.#places.delete(place)) return;
    const { connection, holder } = place;
    if (this.#byConnection.get(connection) === place) this.#byConnection.delete(connection); // not a successor from the same port
    if (holder === undefined) return;
    const held = (this.#held.get(holder) ?? 1) - 1;
    if (held === 0) this.#held.delete(holder);
    else this.#held.set(holder, held);
  }
}

const connectionOf = ({ remoteAddress, remotePort, localAddress }: Socket) => `${remoteAddress} ${remotePort} ${localAddress}`;
