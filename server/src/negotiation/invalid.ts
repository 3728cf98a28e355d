import { RequestError } from '../session.ts';

/** An answer that cannot be used; the message says what to do. */
export function invalid(message: string): RequestError {
  return new RequestError('invalid-answer', message);
}
