import type {
  CloseName,
  ErrorCode,
  LeaveReason,
  Moderation,
  Participant,
  Right,
  RoleTable,
  RoomSettings,
  Source,
  Track,
  Waiting,
} from '@aqlinks/protocol';
import type { MediaPlane, Target, TransportClosed, TransportStats, WorkerId, WorkerStats } from './media/media-plane.ts';

/**
 * Where a client protocol (`signalling/…`) and the rooms meet. Signalling turns messages into these calls and notices
 * into messages; it knows neither rooms nor SDP sections. Nothing here has behaviour but the errors.
 */

/** What a token grants: who may join which room as what, and for how long. Rooms are known by project and name. */
export interface Grant {
  readonly project: string;
  readonly key: string | undefined; // id of the API key that signed; undefined: JWT_SECRET
  readonly jti: string | undefined;
  readonly expiresAt: number | undefined; // ms since 1970; undefined: never
  readonly issuedAt: number | undefined; // ms since 1970
  readonly userId: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly room: string;
  readonly role: string;
  readonly permissions: readonly Right[] | undefined; // of the token: narrow what the role may; undefined: all of it
}

/** One client's end of its connection, implemented by signalling. Neither call throws or blocks. */
export interface Outlet {
  /** Whether its client may send videos in layers; default: no, as existing clients of the plain protocol cannot. */
  readonly simulcast?: boolean;
  notify(notice: Notice): void;
  /** The participant is out of the room already; tell the client why and close. Idempotent. */
  close(reason: CloseName): void;
}

/** Everything that a participant is told. */
export type Notice =
  | {
      readonly type: 'joined';
      readonly room: string;
      readonly self: Participant;
      readonly others: readonly Participant[];
      readonly rights: readonly Right[];
      readonly locked: boolean;
      readonly lobby: boolean;
      readonly waiting: readonly Waiting[]; // empty for those who may not admit
    }
  | { readonly type: 'waiting'; readonly room: string } // in the lobby; `joined` follows when admitted
  | { readonly type: 'offer'; readonly sdp: string }
  | { readonly type: 'participant-joined'; readonly participant: Participant }
  | { readonly type: 'participant-left'; readonly participant: string; readonly reason: LeaveReason }
  | { readonly type: 'track-published'; readonly participant: string; readonly track: Track }
  | { readonly type: 'track-unpublished'; readonly participant: string; readonly track: string }
  | { readonly type: 'track-muted'; readonly participant: string; readonly track: string; readonly muted: boolean }
  /** What the client receives of it, that is: nothing, for want of room in its network, or it goes on. */
  | {
      readonly type: 'track-paused';
      readonly participant: string;
      readonly track: string;
      readonly paused: boolean;
      readonly reason: 'network';
    }
  | { readonly type: 'publishing'; readonly source: Source; readonly mid: string }
  | { readonly type: 'subscribed'; readonly participant: string; readonly track: string; readonly mid: string }
  | { readonly type: 'layers'; readonly source: Source; readonly active: readonly boolean[] } // of its own track, the smallest first
  | { readonly type: 'speakers'; readonly participants: readonly string[] } // ids, the dominant one first
  | { readonly type: 'unsubscribed'; readonly track: string; readonly mid: string }
  | { readonly type: 'chat'; readonly participant: string; readonly name: string; readonly text: string; readonly at: number } // ms since 1970
  | { readonly type: 'rights'; readonly role: string; readonly rights: readonly Right[]; readonly changing: boolean }
  | { readonly type: 'role-changed'; readonly participant: string; readonly role: string }
  | { readonly type: 'lobby-joined'; readonly participant: Waiting }
  | { readonly type: 'lobby-left'; readonly participant: string }
  | { readonly type: 'room-changed'; readonly locked: boolean; readonly lobby: boolean }
  | { readonly type: 'muted-by' | 'ask-unmute'; readonly source: Source; readonly by: string | undefined } // a name
  | { readonly type: 'moved'; readonly room: string }
  | { readonly type: 'room-message'; readonly room: string; readonly text: string; readonly at: number } // ms since 1970
  | { readonly type: 'token-expiring'; readonly expiresAt: number; readonly seconds: number; readonly grace: number } // ms; seconds
  | { readonly type: 'token-accepted'; readonly expiresAt: number | undefined } // ms since 1970
  | { readonly type: 'shutdown'; readonly reconnectAfter: number }; // seconds

/** What a client may ask once it is in. Each throws a `RequestError` with a code of the protocol; the call goes on. */
export interface Session {
  readonly participant: string; // its id
  answer(sdp: string): void;
  /** The next offer begins ICE anew, for a client whose network has changed. */
  restartIce(): void;
  chat(text: string): void;
  publish(source: Source): void;
  unpublish(source: Source): void;
  mute(source: Source, muted: boolean): void;
  moderate(act: Moderation): void;
  /** A new token in place of the old one: the same user in the same room. */
  refresh(grant: Grant): void;
  /** How large somebody's video is shown, in pixels of the screen; 0: not at all. A track that has ended is no error. */
  view(track: string, size: { readonly width: number; readonly height: number }): void;
  /** Idempotent; after it the other calls do nothing and the outlet is not used again. */
  leave(reason: LeaveReason): void;
}

/** The rooms, seen from the front door. Made by `createRooms` of `conference/rooms.ts`. */
export interface Rooms {
  /** `joined` and the first offer are notified before it returns. The same user in the same room is replaced. Throws `JoinRefused`. */
  join(grant: Grant, outlet: Outlet): Session;
  /** Throws the `JoinRefused` that `join` would throw now, and changes nothing: for who asks why they were refused. */
  check(grant: Grant): void;
  /** Of one project, or of all. */
  list(project?: string): readonly { readonly project: string; readonly room: string; readonly participants: number }[];
  /** Those in it and those in its lobby; undefined: the room is not live. */
  participants(project: string, room: string): readonly LiveParticipant[] | undefined;
  /** undefined: the room is not live. */
  control(project: string, room: string): RoomControl | undefined;
  /** All that is set for a room, at once also for a running call. Roles' rights are looked up anew. */
  applySettings(project: string, room: string, settings: RoomSettings): void;
  /** Roles of a project changed: whoever is in its rooms has the new rights at once. */
  rolesChanged(project: string): void;
  /** Removes all who match all that is named, at once. Answers how many. */
  revoke(filter: RevokeFilter, reason: string): number;
  /** Time passes: tokens expire, empty rooms end. Called some times a second. */
  tick(): void;
  /** Everyone is notified of `shutdown` and their outlets closed with `shuttingDown`; later joins are refused. Idempotent; leaves the media plane open. */
  close(reconnectAfter: number): void; // seconds
  /** Of every worker that lives, by its index: the rooms hold the media plane's only listener. */
  collectStats(): Promise<ReadonlyMap<WorkerId, WorkerStats>>;
  /** The same of each participant, by who it is. */
  readings(): Promise<readonly Reading[]>;
}

/** How one participant's connection does: counters since it began. */
export interface Reading {
  readonly session: string; // of the room
  readonly participant: string;
  readonly stats: TransportStats;
}

/** Somebody in a live room, for whoever manages it. */
export interface LiveParticipant extends Participant {
  readonly email: string | undefined;
  readonly rights: readonly Right[];
  readonly lobby: boolean; // waits to be admitted
  readonly joinedAt: number; // ms since 1970
  readonly expiresAt: number | undefined; // of its token, ms since 1970
  readonly key: string | undefined;
  readonly jti: string | undefined;
  readonly connection: 'connecting' | 'connected'; // of the media
}

/**
 * A live room in the hands of somebody who may everything in it. Participants are named by id; each call throws
 * `RequestError` (`not-found`, …) and has changed nothing then. `by` is told to who is concerned: a name, or nobody's.
 */
export interface RoomControl {
  /** A source of sound: it is not forwarded until its publisher unmutes it. */
  mute(participant: string, source: Source, by?: string): void;
  /** Ends a published camera or screen; it may be published again. */
  stopVideo(participant: string, source: Source, by?: string): void;
  askUnmute(participant: string, source: Source, by?: string): void;
  setRole(participant: string, role: string): void;
  /** Into another room of the project: the client is told to come again, and its token leads there. */
  move(participant: string, toRoom: string): void;
  /** `ban`: for good, or until then (ms since 1970). */
  remove(participant: string, how: { readonly reason?: string; readonly ban?: boolean | number }): void;
  /** For all; until the empty room's time is over only those come in again who may end it. */
  end(reason?: string): void;
  /** A text to everybody or to one participant. */
  send(message: string, to?: string): void;
  admit(participant: string): void;
  lock(locked: boolean): void;
}

/** Whose participation ends: all who match all that is named here; nobody, if nothing is. */
export interface RevokeFilter {
  readonly project?: string;
  readonly room?: string;
  readonly userId?: string;
  readonly jti?: string;
  readonly key?: string;
  readonly issuedBefore?: number; // ms since 1970; a token that does not say when counts as issued before
}

/** What happened in a room, for those who keep a log of it or tell others. */
export type RoomEvent = RoomEventContext &
  (
    | { readonly type: 'room-started' | 'room-ended' }
    | ({ readonly type: 'participant-joined' | 'participant-waiting' } & EventPerson)
    | ({ readonly type: 'participant-left'; readonly reason: LeaveReason | 'server-lost' } & EventPerson) // lost: told by another
    | ({ readonly type: 'track-published' | 'track-unpublished'; readonly track: Track } & EventPerson)
    | ({ readonly type: 'role-changed'; readonly before: string } & EventPerson) // `role` is the new one
    /** Somebody in the room did this; `target` is the user whom it concerns, if it is not the room. */
    | ({ readonly type: 'moderated'; readonly act: Moderation['action']; readonly target: string | undefined } & EventPerson)
  );

/** What explains how good a call is, when it changes. */
export type QualityEvent = RoomEventContext & { readonly participant: string } & (
    | { readonly type: 'media-connected'; readonly protocol: 'udp' | 'tcp' }
    | { readonly type: 'media-lost'; readonly reason: TransportClosed }
    /** What it is sent of somebody's track: nothing, or which layer. */
    | { readonly type: 'receiving'; readonly from: string; readonly source: Source; readonly current: Target }
    /** Which layers of its video are watched, the smallest first: it sends those. */
    | { readonly type: 'layers-wanted'; readonly source: Source; readonly layers: readonly boolean[] }
    | { readonly type: 'bandwidth'; readonly estimate: number; readonly demand: number } // bits/s
  );

interface RoomEventContext {
  readonly at: number; // ms since 1970
  readonly project: string;
  readonly room: string;
  readonly session: string; // random; a room's life from its first participant to its last
}

interface EventPerson {
  readonly participant: string;
  readonly userId: string;
  readonly name: string;
  readonly role: string;
}

/** What the rooms ask of who knows what is kept. All are answered from memory: a join waits for no database. */
export interface RoomsDirectory {
  roles(project: string): RoleTable | undefined; // of the project, beyond the default
  settings(project: string, room: string): RoomSettings | undefined;
  isBanned(project: string, room: string, userId: string): boolean;
  /** `until`: ms since 1970; undefined: for good. */
  ban(project: string, room: string, userId: string, how: { readonly reason?: string; readonly until?: number }): void;
}

/** What `createRooms` needs from outside. */
export interface RoomsOptions {
  readonly plane: MediaPlane;
  readonly maxParticipantsPerRoom: number;
  readonly maxParticipants: number; // of this server
  readonly now: () => number; // ms since 1970
  readonly random: (bytes: number) => Uint8Array; // fit for passwords
  readonly log: Log;
  readonly audioLoudestAbove?: number; // people in a room; default: never
  readonly audioLoudestCount?: number;
  readonly tokenExpiryNotice?: number; // ms before a token expires that its holder is told; default: a minute
  readonly tokenExpiryGrace?: number; // ms after it until its holder is removed; default: half a minute
  readonly directory?: RoomsDirectory; // default: knows nothing, and forgets bans with the process
  readonly onRoomEvent?: (event: RoomEvent) => void;
  readonly onQualityEvent?: (event: QualityEvent) => void;
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
  readonly code: 'room-full' | 'room-locked' | 'banned' | 'server-full' | 'shutting-down';

  constructor(code: JoinRefused['code'], message: string) {
    super(message);
    this.name = 'JoinRefused';
    this.code = code;
  }
}
