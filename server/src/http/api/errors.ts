import { TokenRefused } from '../../auth/token-refused.ts';
import { JoinRefused, RequestError } from '../../session.ts';
import { isAway, StoreConflict } from '../../store/errors.ts';
import { WebhookInvalid } from '../../webhooks/webhooks.ts';
import { Refusal } from '../refusal.ts';
import { ApiProblem } from './problem.ts';

const RETRY_AFTER = 5; // seconds, while the database is away

/** The one place where an error of the inner parts becomes a problem; undefined: it is a bug. */
export function asProblem(error: unknown): ApiProblem | undefined {
  if (error instanceof ApiProblem) return error;
  if (error instanceof TokenRefused) return new ApiProblem('token-refused', error.message);
  if (error instanceof RequestError) return ofRoom(error);
  if (error instanceof JoinRefused) return new ApiProblem('conflict', error.message);
  if (error instanceof StoreConflict) return new ApiProblem('already-exists', error.message);
  if (error instanceof WebhookInvalid) {
    const errors = [{ pointer: `#/${error.field}`, detail: error.message }];
    return new ApiProblem('invalid-request', error.message, { errors });
  }
  if (error instanceof Refusal) return ofDoor(error);
  if (isAway(error)) {
    const detail = 'The database is away. Calls go on; try this again in a moment.';
    return new ApiProblem('unavailable', detail, { retryAfter: RETRY_AFTER });
  }
  return ofFastify(error);
}

function ofRoom({ code, message }: RequestError): ApiProblem {
  if (code === 'not-found') return new ApiProblem('not-found', message);
  return new ApiProblem(code === 'invalid-data' ? 'invalid-request' : 'conflict', message);
}

function ofDoor({ code, message, retryAfter }: Refusal): ApiProblem | undefined {
  const after = retryAfter === undefined ? {} : { retryAfter };
  if (code === 'rate-limited') return new ApiProblem('too-many-requests', message, after);
  if (code === 'shutting-down') return new ApiProblem('unavailable', message, after);
  return undefined;
}

/** What fastify refuses by itself, before or while it reads the body. */
function ofFastify(error: unknown): ApiProblem | undefined {
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (error instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY')
    return new ApiProblem('not-json', 'The body is not JSON.');
  switch (statusCode) {
    case 413:
      return new ApiProblem('too-large', 'The body is larger than this address takes.');
    case 415:
      return new ApiProblem('unsupported-media-type', 'Send JSON, with `Content-Type: application/json`.');
    case 400:
      return new ApiProblem('invalid-request', 'The request cannot be read: look at its address and its headers.');
    default:
      return undefined;
  }
}

export const internal = () => new ApiProblem('internal', 'Try again, and look in the log of the server.');
