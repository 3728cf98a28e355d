import { type ClientMessage, parseServerMessage, type ServerMessage, SUBPROTOCOL } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';

export interface LinkClosed {
  readonly opened: boolean; // false: the upgrade did not come about
  readonly code: number; // RFC 6455 7.4; 1006 for accidents
}

interface LinkEvents {
  message: ServerMessage;
  /** The last event. Not said after `close()`. */
  closed: LinkClosed;
}

/** One WebSocket, from opening to its end. */
export class Link extends Emitter<LinkEvents> {
  readonly #socket: WebSocket;
  #opened = false;
  #done = false;

  constructor(url: string) {
    super();
    this.#socket = new WebSocket(url, SUBPROTOCOL);
    this.#socket.onopen = () => {
      this.#opened = true;
    };
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code }) => this.#finish(code);
  }

  /** Lost when the socket is not open: whatever must arrive is repeated from state on the next connection. */
  send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Idempotent. */
  close(): void {
    this.#done = true;
    this.#socket.close(1000);
  }

  /** As if the network had dropped it: the server may be beyond answering a closing handshake. */
  abandon(): void {
    this.#socket.close();
    this.#finish(1006);
  }

  #receive(data: unknown): void {
    if (this.#done || typeof data !== 'string') return;
    const message = parseServerMessage(data);
    if (message !== undefined) this.emit('message', message);
  }

  #finish(code: number): void {
    if (this.#done) return;
    this.#done = true;
    this.emit('closed', { opened: this.#opened, code });
  }
}
