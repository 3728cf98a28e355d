import * as z from 'zod';
import { ErrorCode } from './errors.ts';
import { IceServer, LeaveReason, Participant, Source, Track } from './model.ts';
import { RIGHTS, type Right } from './rights.ts';

/** Sent to every client. `data` is always a string; `chat` is flat. */
export const PlainServerMessage = z.discriminatedUnion('event', [
  z.object({ event: z.literal('offer'), data: z.string() }), // JSON of { type: 'offer', sdp }
  z.object({ event: z.literal('candidate'), data: z.string() }), // JSON of RTCIceCandidateInit
  z.object({
    event: z.literal('chat'),
    message: z.string(),
    from: z.string().optional(), // the sender's name
    time: z.string(), // HH:MM:SS, the server's clock, UTC
    participant: z.string().optional(), // the sender's id; only in aqlinks.v1
  }),
  z.object({ event: z.literal('error'), data: z.string() }), // JSON of ProtocolError
]);

export const ProtocolError = z.object({
  code: ErrorCode,
  message: z.string(), // a sentence that says what to do
  event: z.string().optional(), // of the message that was refused
});
export type ProtocolError = z.infer<typeof ProtocolError>;

/** A right that a later server knows and this client does not is left out. */
const Rights = z
  .array(z.string())
  .transform(names => names.filter((name): name is Right => RIGHTS.some(right => right === name)));
const Reason = LeaveReason.catch('disconnected'); // as with rights
const Waiting = Participant.omit({ tracks: true });
export type Waiting = z.infer<typeof Waiting>;
const by = z.string().optional(); // the name of who did it; absent: nobody in the room

/** Sent only to clients that asked for `aqlinks.v1`. */
export const ExtendedServerMessage = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('welcome'), // the first message, but for `waiting`
    data: z.object({
      room: z.string(),
      participant: Participant, // you
      participants: z.array(Participant), // the others
      rights: Rights.optional(), // what you may do
      locked: z.boolean().optional(),
      lobby: z.boolean().optional(),
      waiting: z.array(Waiting).optional(), // in the lobby; only for those who may admit
      serverVersion: z.string(),
      keepaliveSeconds: z.number(), // send something at least this often: `ping` if there is nothing else
      resume: z.string().optional(), // the key to go on with after a broken socket
      iceServers: z.array(IceServer).optional(), // to reach the server through; absent: there are none
    }),
  }),
  z.object({ event: z.literal('participant-joined'), data: z.object({ participant: Participant }) }),
  z.object({ event: z.literal('participant-left'), data: z.object({ participant: z.string(), reason: Reason }) }),
  z.object({ event: z.literal('track-published'), data: z.object({ participant: z.string(), track: Track }) }),
  z.object({ event: z.literal('track-unpublished'), data: z.object({ participant: z.string(), track: z.string() }) }),
  z.object({
    event: z.literal('track-muted'),
    data: z.object({ participant: z.string(), track: z.string(), muted: z.boolean() }),
  }),
  z.object({
    event: z.literal('track-paused'), // to you, whose network has no room for it
    data: z.object({ participant: z.string(), track: z.string(), paused: z.boolean(), reason: z.string() }),
  }),
  // Which section of the offers carries what. Sent before the offer that brings it.
  z.object({ event: z.literal('publishing'), data: z.object({ source: Source, mid: z.string() }) }), // yours, to send on
  z.object({ event: z.literal('subscribed'), data: z.object({ participant: z.string(), track: z.string(), mid: z.string() }) }),
  z.object({ event: z.literal('unsubscribed'), data: z.object({ track: z.string(), mid: z.string() }) }),
  z.object({ event: z.literal('ice-servers'), data: z.object({ iceServers: z.array(IceServer) }) }), // with new credentials, before the offer that restarts ICE
  z.object({ event: z.literal('speakers'), data: z.object({ participants: z.array(z.string()) }) }), // ids, the dominant one first
  z.object({ event: z.literal('layers'), data: z.object({ source: Source, active: z.array(z.boolean()) }) }), // of yours, the smallest first: the others nobody watches
  z.object({ event: z.literal('pong'), data: z.object({ received: z.number() }).optional() }), // messages of yours that came
  z.object({ event: z.literal('resumed'), data: z.object({ received: z.number() }) }), // the first message of a socket that goes on
  // Rights: what is coming (`changing`), then what is.
  z.object({ event: z.literal('rights'), data: z.object({ role: z.string(), rights: Rights, changing: z.boolean() }) }),
  z.object({ event: z.literal('role-changed'), data: z.object({ participant: z.string(), role: z.string() }) }), // another's
  // The lobby: `waiting` to whoever waits, `lobby-…` to those who may admit.
  z.object({
    event: z.literal('waiting'),
    data: z.object({ room: z.string(), serverVersion: z.string(), keepaliveSeconds: z.number() }),
  }),
  z.object({ event: z.literal('lobby-joined'), data: z.object({ participant: Waiting }) }),
  z.object({ event: z.literal('lobby-left'), data: z.object({ participant: z.string() }) }), // admitted or gone
  z.object({ event: z.literal('room-changed'), data: z.object({ locked: z.boolean(), lobby: z.boolean() }) }),
  // What others do to you.
  z.object({ event: z.literal('muted-by'), data: z.object({ source: Source, by }) }), // or its video stopped
  z.object({ event: z.literal('ask-unmute'), data: z.object({ source: Source, by }) }),
  z.object({ event: z.literal('moved'), data: z.object({ room: z.string() }) }), // the socket closes; come again
  z.object({ event: z.literal('room-message'), data: z.object({ message: z.string(), time: z.string() }) }), // from outside; HH:MM:SS, UTC
  // Your token: `seconds` until it expires, and `grace` more until you are removed.
  z.object({
    event: z.literal('token-expiring'),
    data: z.object({ expires_at: z.string(), seconds: z.number(), grace: z.number() }),
  }),
  z.object({ event: z.literal('token-accepted'), data: z.object({ expires_at: z.string().optional() }) }),
  z.object({ event: z.literal('shutdown'), data: z.object({ message: z.string(), reconnectAfter: z.number() }) }), // seconds
]);

export type PlainServerMessage = z.infer<typeof PlainServerMessage>;
export type ExtendedServerMessage = z.infer<typeof ExtendedServerMessage>;
export type ServerMessage = PlainServerMessage | ExtendedServerMessage;
