/**
 * What the Rust side exports (media-plane/node/src/handle.rs). Commands and events cross as JSON text, one a batch; their
 * words are those of the server's media-plane.ts, which is the only one to call this.
 */
export interface Addon {
  /**
   * `options`: `{ workers, port, bind?, addresses, tcp?, logLevel? }`; `addresses` empty: every address of the machine; `tcp`: take
   * TCP connections on the same ports (RFC 6544), default false; `logLevel`
   * as the server has it, default `warn`: lines on standard error, which do not wait for JavaScript.
   * Throws `TypeError` for options that it does not understand and `Error` where a port cannot be had.
   */
  start(options: string, onEvents: (events: string) => void): Handle;
}

/** The running media plane. Until it is closed, it keeps the process alive. */
export interface Handle {
  /** `{ fingerprint, workers: [{ addresses: [{ ip, port }], tcp }] }` */
  readonly description: string;
  /** All commands of the batch are understood, or it throws `TypeError` and none is carried out. Nothing once closed. */
  send(worker: number, commands: string): void;
  /** Resolves when the workers are gone. From the call on no events come, save at most one empty batch. */
  close(): Promise<void>;
}
