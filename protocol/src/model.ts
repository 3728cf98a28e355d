import * as z from 'zod';

/** What a track shows or carries. The first audio section of an offer is the microphone, the first video section the camera. */
export const Source = z.enum(['microphone', 'camera', 'screen', 'screen-audio']);
export type Source = z.infer<typeof Source>;

export const Kind = z.enum(['audio', 'video']);
export type Kind = z.infer<typeof Kind>;

export const Track = z.object({
  id: z.string(), // the track id of `a=msid`
  source: Source,
  kind: Kind,
  muted: z.boolean(),
});
export type Track = z.infer<typeof Track>;

/** A server that helps to reach us (W3C RTCIceServer). */
export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(), // of TURN; expires
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof IceServer>;

/** A person in a room, as everyone in it sees them. */
export const Participant = z.object({
  id: z.string(), // of this connection, random; also the stream id of all of its tracks (`a=msid`)
  userId: z.string(),
  name: z.string(),
  role: z.string(), // `user_type` of the token
  tracks: z.array(Track),
});
export type Participant = z.infer<typeof Participant>;

export const LeaveReason = z.enum([
  'left', // said so
  'disconnected', // the socket closed
  'timeout',
  'replaced',
  'removed', // by somebody who may
  'moved', // into another room
  'expired', // the token, and no new one came
  'revoked', // the token, or all of the user's
  'ended', // the room, for all
  'server-shutdown',
]);
export type LeaveReason = z.infer<typeof LeaveReason>;
