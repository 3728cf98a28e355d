import type { CloseName, ErrorCode, LeaveReason, Participant, Source, Track } from '@aqlinks/protocol';
import type { MediaPlane, WorkerId, WorkerStats } from './media/media-plane.ts';

/**
 * Where a client protocol (`signalling/…`) and the rooms meet. Signalling turns messages into these calls and notices
 * into messages; it knows neither rooms nor SDP sections. Nothing here has behaviour but the two errors.
 */

/** What a token grants: who may join which room as what. */
export interface Grant {
  readonly userId: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly room: string;
  readonly role: string;
}

/** One client's end of its connection, implemented by signalling. Neither call throws or blocks. */
export interface Outlet {
  notify(notice: Notice): void;
  /** The participant is out of the room already; tell the client why and close. Idempotent. */
  close(reason: CloseName): void;
}

/** Everything that a participant is told. */
export type Notice =
  | { readonly type: 'joined'; readonly room: string; readonly self: Participant; readonly others: readonly Participant[] }
  | { readonly type: 'offer'; readonly sdp: string }
  | { readonly type: 'participant-joined'; readonly participant: Participant }
  | { readonly type: 'participant-left'; readonly participant: string; readonly reason: LeaveReason }
  | { readonly type: 'track-published'; readonly participant: string; readonly track: Track }
  | { readonly type: 'track-unpublished'; readonly participant: string; readonly track: string }
  | { readonly type: 'track-muted'; readonly participant: string; readonly track: string; readonly muted: boolean }
  | { readonly type: 'publishing'; readonly source: Source; readonly mid: string }
  | { readonly type: 'subscribed'; readonly participant: string; readonly track: string; readonly mid: string }
  | { readonly type: 'unsubscribed'; readonly track: string; readonly mid: string }
  | { readonly type: 'chat'; readonly participant: string; readonly name: string; readonly text: string; readonly at: number } // ms since 1970
  | { readonly type: 'shutdown'; readonly reconnectAfter: number }; // seconds

/** What a client may ask once it is in. Each throws a `RequestError` with a code of the protocol; the call goes on. */
export interface Session {
  readonly participant: string; // its id
  answer(sdp: string): void;
  chat(text: string): void;
  publish(source: Source): void;
  unpublish(source: Source): void;
  mute(source: Source, muted: boolean): void;
  /** Idempotent; after it the other calls do nothing and the outlet is not used again. */
  leave(reason: LeaveReason): void;
}

/** The rooms, seen from the front door. Made by `createRooms` of `conference/rooms.ts`. */
export interface Rooms {
  /** `joined` and the first offer are notified before it returns. The same user in the same room is replaced. Throws `JoinRefused`. */
  join(grant: Grant, outlet: Outlet): Session;
  /** Throws the `JoinRefused` that `join` would throw now, and changes nothing: for who asks why they were refused. */
  check(grant: Grant): void;
  list(): readonly { readonly room: string; readonly participants: number }[];
  /** Everyone is notified of `shutdown` and their outlets closed with `shuttingDown`; later joins are refused. Idempotent; leaves the media plane open. */
  close(reconnectAfter: number): void; // seconds
  /** Of every worker that lives, by its index: the rooms hold the media plane's only listener. */
  collectStats(): Promise<ReadonlyMap<WorkerId, WorkerStats>>;
}

/** What `createRooms` needs from outside. */
export interface RoomsOptions {
  readonly plane: MediaPlane;
  readonly maxParticipantsPerRoom: number;
  readonly maxParticipants: number; // of this server
  readonly now: () => number; // ms since 1970
  readonly random: (bytes: number) => Uint8Array; // fit for passwords
  readonly log: Log;
}

/** What the rooms write to; pino's logger is one. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A request of a client that was refused; becomes the `error` event. The message says what to do. */
export class RequestError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
  }
}

/** A join that was refused; becomes the HTTP answer of the upgrade. */
export class JoinRefused extends Error {
  readonly code: 'room-full' | 'server-full' | 'shutting-down';

  constructor(code: JoinRefused['code'], message: string) {
    super(message);
    this.name = 'JoinRefused';
    this.code = code;
  }
}
