/**
 * The hatch between the control plane (which decides) and the media plane (which moves packets).
 *
 * Commands go down, events come up, both in batches; nothing here has behaviour. A new ability is a new member of
 * a union, never a new function. Two implementations pass one contract suite: `native.ts` (the Rust addon) and
 * `in-memory.ts` (for tests that need no network).
 *
 * All ids are given by the control plane, are positive 32-bit integers and are not used again while the process lives.
 * Commands to one worker are carried out in order. A command that names an id which is already gone is ignored, and so
 * is every command to a worker that failed: the two sides may cross.
 */

export type WorkerId = number; // index into MediaPlane.workers
export type TransportId = number;
export type TrackId = number;
export type SubscriptionId = number;
/** Tracks that are heard together: a room's microphones. */
export type GroupId = number;

export interface MediaPlane {
  /** One ECDSA P-256 certificate serves the whole process. As SDP writes it: `AB:CD:…` of SHA-256 (RFC 8122). */
  readonly fingerprint: Fingerprint;
  /** One worker a core; each owns one UDP port. What a worker's transports must announce as host candidates. */
  readonly workers: readonly WorkerAddresses[];
  send(worker: WorkerId, commands: readonly Command[]): void;
  /** Exactly one listener; called with every event since the last call, in order, never within `send`. A listener that throws is a bug. */
  onEvents(listener: (events: readonly MediaEvent[]) => void): void;
  /** Stops the workers, closes the sockets. Idempotent; no event comes after it resolved. */
  close(): Promise<void>;
}

export interface WorkerAddresses {
  readonly addresses: readonly SocketAddress[];
  readonly tcp: boolean; // TCP connections are taken on the same addresses and ports (RFC 6544)
}

export interface SocketAddress {
  readonly ip: string; // IPv4 dotted or IPv6 without brackets
  readonly port: number;
}

export interface Fingerprint {
  readonly algorithm: string; // 'sha-256'; a peer may use 'sha-384' or 'sha-512'
  readonly value: string; // upper-case hex pairs with colons
}

export type Kind = 'audio' | 'video';
export type Codec = 'opus' | 'vp8' | 'vp9' | 'h264' | 'av1';

export interface CodecParameters {
  readonly codec: Codec;
  readonly payloadType: number; // 0–127, as negotiated in this m-section
  readonly rtxPayloadType?: number; // RFC 4588; absent: the peer knows no RTX for it
  readonly clockRate: number; // Hz
  /** a=rtcp-fb of this payload type (RFC 4585, RFC 5104). */
  readonly nack: boolean;
  readonly pli: boolean;
  readonly fir: boolean;
  readonly transportCc: boolean;
}

/** Ids of RTP header extensions (RFC 8285), one mapping for the whole transport as BUNDLE demands. Absent: not negotiated. */
export interface HeaderExtensions {
  readonly mid?: number; // urn:ietf:params:rtp-hdrext:sdes:mid
  readonly rid?: number; // urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
  readonly repairedRid?: number; // urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
  readonly transportWideCc?: number; // draft-holmer-rmcat-transport-wide-cc-extensions-01
  readonly absSendTime?: number;
  readonly audioLevel?: number; // RFC 6464
  readonly videoOrientation?: number; // 3GPP TS 26.114 (CVO)
  readonly dependencyDescriptor?: number; // AV1 RTP
  readonly absCaptureTime?: number;
  readonly playoutDelay?: number;
}

/** One RTP stream of a published track: by SSRC where the SDP declares it, else found by MID or payload type. */
export interface Encoding {
  readonly ssrc?: number;
  readonly rtxSsrc?: number;
  readonly rid?: string;
}

/** How much of a track a viewer may have at most, and how dear it is to the viewer. What is absent is not limited. */
export interface Limits {
  readonly priority?: number; // 0–255, the higher the dearer; default 0
  readonly paused?: boolean;
  readonly maxSpatial?: number; // 0 is the smallest layer
  readonly maxTemporal?: number;
  readonly maxWidth?: number; // pixels of the viewer's screen, as it is shown
  readonly maxHeight?: number;
}

/** What of a track a viewer is sent: nothing, or up to these layers, the lowest being 0. */
export type Target =
  | { readonly type: 'paused' }
  | { readonly type: 'layer'; readonly spatial: number; readonly temporal: number };

export type Command =
  /** Opens a transport before its offer is sent: ICE checks with these credentials are answered from now on. */
  | {
      readonly type: 'open-transport';
      readonly transport: TransportId;
      readonly iceUfrag: string; // ours; unique in the process
      readonly icePwd: string; // ours; at least 22 characters (RFC 8445 5.3)
    }
  /** The peer's side, once its answer is known. Sent again when an answer changes the extensions or restarts ICE. */
  | {
      readonly type: 'connect-transport';
      readonly transport: TransportId;
      readonly iceUfrag: string;
      readonly icePwd: string;
      readonly fingerprint: Fingerprint;
      readonly dtlsRole: 'client' | 'server'; // ours
      readonly extensions: HeaderExtensions;
    }
  /** New credentials of ours, before the offer that carries them (RFC 8445 9). The old ones are good until the peer uses these. */
  | {
      readonly type: 'restart-ice';
      readonly transport: TransportId;
      readonly iceUfrag: string; // unique in the process
      readonly icePwd: string;
    }
  /** Ends it with everything on it: its tracks, every subscription to them, its own subscriptions. Sends DTLS close_notify; answered by `transport-closed` with reason `closed`. */
  | { readonly type: 'close-transport'; readonly transport: TransportId }
  | {
      readonly type: 'publish-track';
      readonly transport: TransportId;
      readonly track: TrackId;
      readonly kind: Kind;
      readonly mid: string;
      readonly group?: GroupId; // of a microphone: who speaks is told by group
      readonly encodings: readonly Encoding[]; // at least one; simulcast has up to three, the smallest first
      readonly codecs: readonly CodecParameters[];
    }
  /** Ends it with every subscription to it. Its SSRCs may be published again, as another track. */
  | { readonly type: 'unpublish-track'; readonly track: TrackId }
  /**
   * From now on the track also goes to that worker, once; what viewers there lack or want of the publisher comes back the same way.
   * The worker is told by `receive-track` that it comes, and by `unpublish-track` that it comes no more.
   */
  | { readonly type: 'relay-track'; readonly track: TrackId; readonly to: WorkerId }
  | { readonly type: 'stop-relaying'; readonly track: TrackId; readonly to: WorkerId }
  /** On this worker there is a copy of the track, under the same id, which can be subscribed to like any other. */
  | {
      readonly type: 'receive-track';
      readonly track: TrackId;
      readonly from: WorkerId; // that of the publisher
      readonly transport: TransportId; // the publisher's: its tracks belong together
      readonly kind: Kind;
      readonly group?: GroupId; // as published, and so the rest
      readonly encodings: readonly Encoding[];
      readonly codecs: readonly CodecParameters[];
    }
  /** Nothing of it is forwarded while it is held; viewers see a pause, not a loss. For sound: a video needs a key frame afterwards. */
  | { readonly type: 'hold-track'; readonly track: TrackId; readonly held: boolean }
  /** From now on the track is forwarded to this transport; a key frame is asked for if the track is video. */
  | {
      readonly type: 'subscribe';
      readonly transport: TransportId;
      readonly subscription: SubscriptionId;
      readonly track: TrackId; // on the same worker, or a copy of it there
      readonly mid: string;
      readonly ssrc: number; // ours, as announced in the offer
      readonly rtxSsrc?: number; // present: RTX was negotiated
      readonly codecs: readonly CodecParameters[]; // as the viewer's answer has them; a codec of the track that is absent here is not forwarded
      readonly limits?: Limits;
    }
  /** Forwards only the loudest so many microphones of a group; absent: all. A group lasts as long as it has tracks. */
  | { readonly type: 'configure-group'; readonly group: GroupId; readonly loudest?: number }
  /** Replaces the limits as a whole. */
  | { readonly type: 'configure-subscription'; readonly subscription: SubscriptionId; readonly limits: Limits }
  | { readonly type: 'unsubscribe'; readonly subscription: SubscriptionId }
  /** Answered by one `stats` event with the same number. */
  | { readonly type: 'collect-stats'; readonly request: number };

export type MediaEvent =
  /** DTLS is done and SRTP keys are there: media can flow. */
  | {
      readonly type: 'transport-connected';
      readonly worker: WorkerId;
      readonly transport: TransportId;
      readonly remote: SocketAddress;
      readonly protocol: 'udp' | 'tcp';
      readonly dtlsVersion: '1.2' | '1.3';
      readonly srtpProfile: 'AEAD_AES_256_GCM' | 'AEAD_AES_128_GCM' | 'AES128_CM_SHA1_80';
    }
  /** The last event of a transport. */
  | {
      readonly type: 'transport-closed';
      readonly worker: WorkerId;
      readonly transport: TransportId;
      readonly reason: TransportClosed;
    }
  /** The first packet of a track arrived and verified. */
  | { readonly type: 'track-started'; readonly worker: WorkerId; readonly track: TrackId }
  /** Which layers of a simulcast anybody watches, the smallest first, which always counts as watched: the publisher need not send the others. */
  | { readonly type: 'layers-wanted'; readonly worker: WorkerId; readonly track: TrackId; readonly layers: readonly boolean[] }
  /** Who speaks in a group, the dominant one first. On change only, at most four times a second. */
  | { readonly type: 'speakers'; readonly worker: WorkerId; readonly group: GroupId; readonly tracks: readonly TrackId[] }
  /** What a viewer is sent from now on. Nothing is said of the lowest layers at its beginning. */
  | {
      readonly type: 'subscription-changed';
      readonly worker: WorkerId;
      readonly subscription: SubscriptionId;
      readonly current: Target;
    }
  /** What the path to a participant carries (bits/s) is another, and it is or was less than would be sent; at most once a second. */
  | {
      readonly type: 'bandwidth';
      readonly worker: WorkerId;
      readonly transport: TransportId;
      readonly estimate: number;
      readonly demand: number;
    }
  | { readonly type: 'stats'; readonly worker: WorkerId; readonly request: number; readonly stats: WorkerStats }
  /** A worker's thread cannot go on (its socket is gone). Everything on it is lost. */
  | { readonly type: 'worker-failed'; readonly worker: WorkerId; readonly message: string };

export type TransportClosed =
  | 'closed' // by close-transport
  | 'peer-closed' // DTLS close_notify
  | 'timeout' // no valid packet or check for 30 s (RFC 7675), or not connected within 60 s of connect-transport
  | 'dtls-failed' // handshake refused, wrong fingerprint, no SRTP profile in common
  | 'panic'; // a bug of ours, contained to this transport

/** Monotonic counters since start unless said otherwise. */
export interface WorkerStats {
  readonly transports: readonly TransportStats[];
  readonly datagramsReceived: number;
  readonly datagramsSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly sendCalls: number; // GSO runs handed to the kernel
  readonly receiveCalls: number;
  readonly packetsForwarded: number; // RTP to subscribers, retransmissions not counted
  readonly keyFramesRequested: number;
  readonly nacksReceived: number; // sequence numbers asked of us
  readonly nacksSent: number; // sequence numbers that we asked for
  readonly retransmissionsSent: number;
  readonly cpuSeconds: number; // of the worker's thread
  readonly dropped: Dropped;
}

/** Datagrams and packets thrown away, by reason. */
export interface Dropped {
  readonly unknownAddress: number; // neither a known address nor a check with a password of ours
  readonly badStun: number;
  readonly badDtls: number;
  readonly badRtp: number;
  readonly badRtcp: number;
  readonly unauthenticated: number; // SRTP or SRTCP that did not verify
  readonly replayed: number;
  readonly unknownSsrc: number;
  readonly relayFull: number; // packets for another worker that did not take them in time
  readonly tooLate: number; // waited too long for a viewer's narrow path
  readonly sendBufferFull: number;
}

export interface TransportStats {
  readonly transport: TransportId;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly roundTripTime?: number; // seconds, from RTCP; absent until known
  readonly packetsLost: number; // of its published tracks, as we see it
  readonly remotePacketsLost: number; // of its subscriptions, as its receiver reports say
  readonly nacksReceived: number;
  readonly nacksSent: number;
  readonly keyFramesRequested: number; // of its published tracks
  readonly estimate?: number; // bits/s that the path to it carries, by its feedback; absent until known
  readonly demand: number; // bits/s that would be sent to it if there were no limit
}
