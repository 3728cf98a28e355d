import { Emitter } from '../emitter.ts';

interface HeartbeatEvents {
  /** Send one. */
  ping: undefined;
  /** Nothing came back. Said once. */
  dead: undefined;
}

const PROBE = 2_000; // ms

/** Finds out that the server is gone while the socket still looks open (SPEC P39). */
export class Heartbeat extends Emitter<HeartbeatEvents> {
  #interval: ReturnType<typeof setInterval> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  readonly #patience: number;

  /** `patience`: ms from a question to any sign of life. */
  constructor(patience: number) {
    super();
    this.#patience = patience;
  }

  /** Twice as often as the server asks for, so that one ping may be late. */
  start(keepaliveSeconds: number): void {
    this.stop();
    this.#interval = setInterval(() => this.#ping(), (keepaliveSeconds * 1_000) / 2);
  }

  /** Something was asked: without any sign of life it is dead. */
  expect(patience: number = this.#patience): void {
    this.#deadline ??= setTimeout(() => {
      this.stop();
      this.emit('dead', undefined);
    }, patience);
  }

  /** The network has changed: is the server still there? An answer takes no longer than this. */
  probe(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.expect(Math.min(PROBE, this.#patience));
    this.emit('ping', undefined);
  }

  /** Anything from the server is a sign of life. */
  handleReceived(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  stop(): void {
    clearInterval(this.#interval);
    this.handleReceived();
  }

  #ping(): void {
    this.expect();
    this.emit('ping', undefined);
  }
}
