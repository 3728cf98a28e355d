import * as z from 'zod';
import { ErrorCode } from './errors.ts';
import { IceServer, LeaveReason, Participant, Source, Track } from './model.ts';

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

/** Sent only to clients that asked for `aqlinks.v1`. */
export const ExtendedServerMessage = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('welcome'), // always the first message
    data: z.object({
      room: z.string(),
      participant: Participant, // you
      participants: z.array(Participant), // the others
      serverVersion: z.string(),
      keepaliveSeconds: z.number(), // send something at least this often: `ping` if there is nothing else
      iceServers: z.array(IceServer).optional(), // to reach the server through; absent: there are none
    }),
  }),
  z.object({ event: z.literal('participant-joined'), data: z.object({ participant: Participant }) }),
  z.object({ event: z.literal('participant-left'), data: z.object({ participant: z.string(), reason: LeaveReason }) }),
  z.object({ event: z.literal('track-published'), data: z.object({ participant: z.string(), track: Track }) }),
  z.object({ event: z.literal('track-unpublished'), data: z.object({ participant: z.string(), track: z.string() }) }),
  z.object({
    event: z.literal('track-muted'),
    data: z.object({ participant: z.string(), track: z.string(), muted: z.boolean() }),
  }),
  // Which section of the offers carries what. Sent before the offer that brings it.
  z.object({ event: z.literal('publishing'), data: z.object({ source: Source, mid: z.string() }) }), // yours, to send on
  z.object({ event: z.literal('subscribed'), data: z.object({ participant: z.string(), track: z.string(), mid: z.string() }) }),
  z.object({ event: z.literal('unsubscribed'), data: z.object({ track: z.string(), mid: z.string() }) }),
  z.object({ event: z.literal('ice-servers'), data: z.object({ iceServers: z.array(IceServer) }) }), // with new credentials, before the offer that restarts ICE
  z.object({ event: z.literal('pong') }),
  z.object({ event: z.literal('shutdown'), data: z.object({ message: z.string(), reconnectAfter: z.number() }) }), // seconds
]);

export type PlainServerMessage = z.infer<typeof PlainServerMessage>;
export type ExtendedServerMessage = z.infer<typeof ExtendedServerMessage>;
export type ServerMessage = PlainServerMessage | ExtendedServerMessage;
