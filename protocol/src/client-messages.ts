import * as z from 'zod';
import { Source } from './model.ts';
import { Moderation } from './moderation.ts';

/** Bounds on what a client may send, in UTF-8 bytes of one frame and characters of a text. */
export const LIMITS = {
  messageBytes: 256 * 1024,
  sdpLength: 235_000,
  chatLength: 4_000,
  candidateLength: 2_000,
  tokenLength: 8_192,
} as const;

const Pixels = z.number().int().nonnegative().max(65_535);
const empty = z.object({}).optional();

/** Everything a client may send. `data` of the first three is a string (JSON inside it for `answer` and `candidate`), as in the plain protocol. */
export const ClientMessage = z.discriminatedUnion('event', [
  z.object({ event: z.literal('answer'), data: z.string().max(LIMITS.sdpLength) }),
  z.object({ event: z.literal('candidate'), data: z.string().max(LIMITS.candidateLength) }),
  z.object({ event: z.literal('chat'), data: z.string().min(1).max(LIMITS.chatLength) }),
  // Of aqlinks.v1:
  z.object({ event: z.literal('publish'), data: z.object({ source: Source }) }), // answered by `publishing`, then an offer with a section for it
  z.object({ event: z.literal('unpublish'), data: z.object({ source: Source }) }),
  z.object({ event: z.literal('mute'), data: z.object({ source: Source, muted: z.boolean() }) }),
  z.object({ event: z.literal('restart-ice'), data: empty }), // answered by an offer with new ICE credentials
  z.object({ event: z.literal('view'), data: z.object({ track: z.string().max(64), width: Pixels, height: Pixels }) }), // 0: not to be seen
  // Answered by `pong`: browsers cannot send WebSocket pings. `received`: messages of the server that came since `welcome`, that one included.
  z.object({ event: z.literal('ping'), data: z.object({ received: z.number().int().nonnegative().optional() }).optional() }),
  z.object({ event: z.literal('leave'), data: empty }),
  z.object({ event: z.literal('moderate'), data: Moderation }),
  z.object({ event: z.literal('token'), data: z.object({ token: z.string().min(1).max(LIMITS.tokenLength) }) }), // in place of the one that expires
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** Inside the string of `answer`. */
export const SessionDescription = z.object({ type: z.literal('answer'), sdp: z.string().min(1).max(LIMITS.sdpLength) });

/** Inside the string of `candidate` (W3C RTCIceCandidateInit). The server learns addresses from checks and needs none of it. */
export const IceCandidate = z
  .object({
    candidate: z.string().optional(),
    sdpMid: z.string().nullish(),
    sdpMLineIndex: z.number().int().nonnegative().nullish(),
    usernameFragment: z.string().nullish(),
  })
  .nullable(); // some clients send `null` at the end of gathering
