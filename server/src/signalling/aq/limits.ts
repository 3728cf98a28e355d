/** Bounds on one client, beside those of the protocol (`LIMITS`). Each is far above what an honest client needs. */

/** A token bucket: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Frames of any kind. A browser with many networks trickles some dozens of candidates at once. */
export const MESSAGE_RATE: Rate = { burst: 200, perSecond: 50 };

/** Messages that are passed on to everybody in the room: each costs us as many sends as there are people. */
export const FANNED_OUT_RATE: Rate = { burst: 30, perSecond: 5 };
export const FANNED_OUT_EVENTS: ReadonlySet<string> = new Set(['chat', 'publish', 'unpublish', 'mute', 'moderate', 'token']);

/** Refused messages. Beyond it the client is broken or hostile, and is closed with `tooManyErrors`. */
export const ERROR_RATE: Rate = { burst: 50, perSecond: 1 };

/** Bytes that may wait for one client. An offer to somebody in a room of 200 is about 500 kB. */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Milliseconds that a client has to answer our close frame before its socket is destroyed. */
export const CLOSE_TIMEOUT = 2_000;
