import * as z from 'zod';

/** Of the `error` event: the message was refused, the call goes on. */
export const ErrorCode = z.enum([
  'message-too-large',
  'not-json',
  'unknown-event',
  'invalid-data',
  'unexpected-answer', // no offer waits for one
  'invalid-answer', // SDP that does not answer our offer
  'rate-limited',
  'source-in-use', // this source is published already
  'too-many-tracks',
  'not-allowed', // the role, or the token's permissions, do not have the right
  'not-found', // the participant or track that a message names is not in the room
  'room-full', // whoever waits cannot be let in
  'token-refused', // in the call; the old token goes on
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Of an upgrade that was refused: HTTP status and JSON body `{ error, message }`. */
export const RefusalCode = z.enum([
  'token-missing', // 401
  'token-malformed', // 401
  'token-algorithm', // 401: another than HS256
  'token-issuer', // 401: `iss` names no API key that is valid
  'token-signature', // 401
  'token-expired', // 401
  'token-not-yet-valid', // 401
  'token-revoked', // 401
  'token-claims', // 401: `user_id` missing, or a claim of the wrong type or size
  'origin-not-allowed', // 403: the page's origin is not in ALLOWED_ORIGINS
  'room-full', // 403
  'room-locked', // 403
  'banned', // 403: removed from this room for good
  'rate-limited', // 429, with Retry-After: too many joins of one address or project
  'server-full', // 503
  'shutting-down', // 503
  'handshake-invalid', // 400: an upgrade that is no WebSocket handshake (RFC 6455 4.1)
  'upgrade-required', // 426: all is well, but this was a plain GET
]);
export type RefusalCode = z.infer<typeof RefusalCode>;
