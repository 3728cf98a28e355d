import type { HttpError, RefusalCode } from '@aqlinks/protocol';
import { TokenRefused } from '../auth/token-refused.ts';
import { JoinRefused } from '../session.ts';

/** An HTTP answer other than what was asked for: a status, a code for programs and a sentence for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | undefined; // seconds; becomes the header

  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get body(): HttpError {
    return { error: this.code, message: this.message };
  }
}

const STATUS: Record<RefusalCode, number> = {
  'token-missing': 401,
  'token-malformed': 401,
  'token-algorithm': 401,
  'token-signature': 401,
  'token-expired': 401,
  'token-not-yet-valid': 401,
  'token-issuer': 401,
  'token-revoked': 401,
  'token-claims': 401,
  'origin-not-allowed': 403,
  'room-full': 403,
  'room-locked': 403,
  banned: 403,
  'rate-limited': 429,
  'server-full': 503,
  'shutting-down': 503,
  'handshake-invalid': 400,
  'upgrade-required': 426,
};

/** Of an upgrade or of the plain GET that asks why it was refused. */
export const refuse = (code: RefusalCode, message: string, retryAfter?: number) =>
  new Refusal(STATUS[code], code, message, retryAfter);

/** The one place where an error of the inner parts becomes an HTTP answer; undefined: it is a bug, not a refusal. */
export function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof TokenRefused || error instanceof JoinRefused) return refuse(error.code, error.message);
  return undefined;
}

export const internal = () =>
  new Refusal(500, 'internal', 'This failed on our side. Try again, and look in the log of the server.');
