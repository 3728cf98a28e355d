import * as z from 'zod';
import { Permissions } from './rights.ts';
import { text } from './text.ts';

export const RoomName = text(128);
export const UserId = text(256);

/** Claims of a token (HS256). Unknown ones are ignored. */
export const Claims = z.object({
  user_id: UserId,
  name: text(256).optional(), // shown to others; default: user_id
  email: text(320).optional(),
  room: RoomName.optional(), // default: `?room=` of the address, else `default`
  user_type: text(64).optional(), // the role; default: guest
  permissions: Permissions.optional(), // narrow the rights of the role; default: all of them
  iss: text(128).optional(), // the API key that signed; without one it was JWT_SECRET
  jti: text(128).optional(), // the token's own name, to revoke it by
  exp: z.number().optional(), // seconds since 1970
  nbf: z.number().optional(),
  iat: z.number().optional(),
  auth_time: z.number().optional(), // when the first of the tokens that follow one another was issued (OpenID Connect Core 2)
});
export type Claims = z.infer<typeof Claims>;

export const DEFAULT_PROJECT = 'default';
export const DEFAULT_ROOM = 'default';
export const DEFAULT_ROLE = 'guest';
