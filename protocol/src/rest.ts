import * as z from 'zod';
import { Claims, RoomName, UserId } from './claims.ts';

/** Body of `POST /aq_server/token`: the page's token in development. The server answers 404 in production. */
export const TokenRequest = z.strictObject({
  user_id: UserId, // the same in the same room replaces the older connection: a page makes one a tab and keeps it
  name: Claims.shape.name,
  room: RoomName.optional(), // default: `default`
  user_type: Claims.shape.user_type,
});
export type TokenRequest = z.infer<typeof TokenRequest>;

export const TokenResponse = z.object({
  token: z.string(),
  expires_at: z.string(), // RFC 3339
});
export type TokenResponse = z.infer<typeof TokenResponse>;

/** Body of every HTTP error, a refused upgrade included (`error` is a `RefusalCode` there). */
export const HttpError = z.object({
  error: z.string(), // for programs
  message: z.string(), // for people: what to do
});
export type HttpError = z.infer<typeof HttpError>;

/** `GET /health` */
export const Health = z.object({
  status: z.enum(['healthy', 'shutting-down']),
  message: z.string(),
  timestamp: z.string(), // RFC 3339
  peers: z.number(),
});
export type Health = z.infer<typeof Health>;

/** `GET /rooms` */
export const RoomList = z.object({
  timestamp: z.string(), // RFC 3339
  rooms: z.array(z.object({ room_id: z.string(), peer_count: z.number() })),
  total_rooms: z.number(),
  total_peers: z.number(),
});
export type RoomList = z.infer<typeof RoomList>;
