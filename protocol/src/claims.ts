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
  aud: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined), // `ADMIN_AUDIENCE`: it opens the REST API, and no room
  auth_time: z.number().optional(), // when the first of the tokens that follow one another was issued (OpenID Connect Core 2)
});
export type Claims = z.infer<typeof Claims>;

/** `aud` of a token that administers. Not a flag: backends put flags of their own into the tokens of their users. */
export const ADMIN_AUDIENCE = 'aqlinks-admin';
export const isAdminToken = ({ aud }: Pick<Claims, 'aud'>) =>
  aud === ADMIN_AUDIENCE || (Array.isArray(aud) && aud.includes(ADMIN_AUDIENCE));

export const DEFAULT_PROJECT = 'default';
export const DEFAULT_ROOM = 'default';
export const DEFAULT_ROLE = 'guest';
