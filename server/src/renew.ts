import type { Authenticate } from './auth/authenticate.ts';
import { TokenRefused } from './auth/token-refused.ts';
import { type Grant, RequestError } from './session.ts';

/** Reads the token that somebody in a call hands over in place of theirs. What it leaves out is as it was. */
export function renewer(authenticate: Authenticate): (token: string, held: Grant) => Promise<Grant> {
  return async (token, { room, name }) => {
    try {
      return await authenticate({ query: new URLSearchParams({ token, room, username: name }), authorization: undefined });
    } catch (error) {
      if (error instanceof TokenRefused) throw new RequestError('token-refused', error.message);
      throw error;
    }
  };
}
