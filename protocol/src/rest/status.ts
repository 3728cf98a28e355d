import * as z from 'zod';

/** Body of every HTTP error outside `/api/v1`, a refused upgrade included (`error` is a `RefusalCode` there). */
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
  database: z.enum(['reachable', 'away']).optional(), // away: calls and joins go on; what is to be written waits
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
