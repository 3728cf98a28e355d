import * as z from 'zod';
import { Claims, RoomName, UserId } from '../claims.ts';
import { RIGHTS, Right } from '../rights.ts';
import { text } from '../text.ts';
import { duration, Identifier, Moment, Time } from './values.ts';

/** Of a token's life, in seconds. */
export const TTL = { min: 10, max: 30 * 86_400, default: 86_400 } as const;

const Ttl = duration(TTL.min, TTL.max).meta({
  description: `How long the token is valid: seconds, or a text such as \`30m\`, \`24h\`, \`7d\`; from ${TTL.min} s to 30 d. Default: 24h.`,
});

const TOKEN_LENGTH = 8_192; // characters

const CompactToken = z
  .string()
  .min(1)
  .max(TOKEN_LENGTH)
  .regex(/^[\w-]+\.[\w-]+\.[\w-]*$/, 'must be a token: three parts with points between them')
  .meta({ description: 'A token (JWT in compact form).' });

/** `POST /tokens`. The older names of three fields are taken as well. */
export const IssueToken = z
  .strictObject({
    user_id: UserId.optional().meta({
      description:
        'Who it is for, by your own id. Required, but for older callers that know `user_name` alone: that is the id then.',
    }),
    room: RoomName.optional().meta({ description: 'The room. Without one its holder chooses (`?room=`), else `default`.' }),
    name: Claims.shape.name.meta({ description: 'What others see. Default: `user_id`.' }),
    email: Claims.shape.email.meta({ description: 'Seen by the server only.' }),
    user_type: Claims.shape.user_type.meta({
      description: 'The role: host, presenter, guest, viewer or your own. Default: guest.',
    }),
    ttl: Ttl.optional(),
    permissions: z
      .array(Right)
      .max(RIGHTS.length)
      .optional()
      .meta({ description: 'Narrows what the role may; never widens it. Default: all that the role may.' }),
    room_id: RoomName.optional().meta({ description: 'The older name of `room`.', deprecated: true }),
    user_name: Claims.shape.name.meta({ description: 'The older name of `name`.', deprecated: true }),
    duration: Ttl.optional().meta({ description: 'The older name of `ttl`.', deprecated: true }),
  })
  .check(
    z.refine(({ user_id, user_name }) => UserId.safeParse(user_id ?? user_name).success, {
      path: ['user_id'],
      message: 'must say who the token is for',
    }),
  )
  .meta({ id: 'IssueToken', examples: [{ user_id: 'alice', room: 'meeting-room-1', user_type: 'host', ttl: '1h' }] });
export type IssueToken = z.infer<typeof IssueToken>;

export const IssuedToken = z
  .object({
    token: z.string().meta({ description: 'Give it to the browser of this user, and to nobody else.' }),
    jti: z.string().meta({ description: 'The id of the token, by which it can be revoked.' }),
    expires_at: Time,
    ws_url: z.string().meta({ description: 'Where a WebSocket opens the call, with the token in it.' }),
  })
  .meta({ id: 'IssuedToken' });
export type IssuedToken = z.infer<typeof IssuedToken>;

/** `POST /tokens/refresh` */
export const RefreshToken = z
  .strictObject({
    token: CompactToken.meta({ description: 'The token that is still valid.' }),
    ttl: Ttl.optional().meta({ description: 'How long the new one is valid. Default: as long as the one it follows was.' }),
  })
  .meta({ id: 'RefreshToken', examples: [{ token: 'eyJ….eyJ….…' }] });
export type RefreshToken = z.infer<typeof RefreshToken>;

const revocation = {
  until: Moment.optional().meta({
    description:
      'Until when. Of a user or a room: every token is refused until then, whenever it was issued. Without it: those that were issued before now are refused for good, and new ones are not.',
  }),
  reason: text(256).optional().meta({ description: 'For the audit log, and for those who are removed.' }),
};

/** `POST /tokens/revoke`, by one of four things. */
export const RevokeTokens = z
  .union([
    z.strictObject({ token: CompactToken, ...revocation }),
    z.strictObject({ jti: Identifier.max(128), ...revocation }),
    z.strictObject({ user_id: UserId, ...revocation }),
    z.strictObject({ room: RoomName, ...revocation }),
  ])
  .meta({ id: 'RevokeTokens', examples: [{ user_id: 'alice', reason: 'left the company' }] });
export type RevokeTokens = z.infer<typeof RevokeTokens>;

export const Revoked = z
  .object({
    removed: z.int().meta({ description: 'Participants of running calls on this server that were removed at once.' }),
    until: Time.nullable().meta({ description: 'When the revocation ends; null: never.' }),
  })
  .meta({ id: 'Revoked' });
export type Revoked = z.infer<typeof Revoked>;
