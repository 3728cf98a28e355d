import type { ClientMessage, ServerMessage } from '@aqlinks/protocol';

/** Of ours that the server has not acknowledged: beyond it something is wrong, and a fresh start is better. */
const MAX_HELD = 500;

/** What was said both ways on one participation, so that a new socket can go on where one broke (SPEC P65). */
export class Exchange {
  #key: string | undefined;
  #received = 0; // messages of the server
  #acknowledged = 0; // messages of ours that the server has
  #held: ClientMessage[] = [];

  handleReceived(message: ServerMessage): void {
    this.#received += 1;
    if (message.event === 'welcome') this.#key = message.data.resume;
    if (message.event === 'pong' && message.data !== undefined) this.handleAcknowledged(message.data.received);
  }

  handleSent(message: ClientMessage): void {
    this.#held.push(message);
    if (this.#held.length > MAX_HELD) this.#key = undefined;
  }

  /** The server has the first `count`. */
  handleAcknowledged(count: number): void {
    this.#held = this.#held.slice(Math.max(0, count - this.#acknowledged));
    this.#acknowledged = Math.max(this.#acknowledged, count);
  }

  get received(): number {
    return this.#received;
  }

  /** What the server may not have, in order. */
  get held(): readonly ClientMessage[] {
    return this.#held;
  }

  /** For the next socket; undefined: it has to begin anew. */
  get resumption(): { readonly key: string; readonly received: number } | undefined {
    return this.#key === undefined ? undefined : { key: this.#key, received: this.#received };
  }
}
