import type { Socket } from 'node:net';

/** Connections that are not WebSockets (yet): how many there may be at once. Behind it a flood fills a table, not our memory. */
export const MAX_WAITING = 2_048;

/** Counts the connections of whoever has not authenticated; beyond the bound the newest are cut off. */
export class WaitingRoom {
  readonly #waiting = new Set<unknown>();

  enter(socket: Socket): void {
    if (this.#waiting.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    this.#waiting.add(socket);
    socket.once('close', () => this.leave(socket));
  }

  /** It became a WebSocket, or is gone. */
  leave(socket: unknown): void {
    this.#waiting.delete(socket);
  }
}
