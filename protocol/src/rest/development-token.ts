import * as z from 'zod';
import { Claims, RoomName, UserId } from '../claims.ts';

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
