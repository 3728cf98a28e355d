import type { Authenticate } from './auth/authenticate.ts';
import { TokenRefused } from './auth/token-refused.ts';
import { type Grant, RequestError } from './session.ts';

export type Renewed = (held: Grant, outcome: Grant | TokenRefused) => void;

/** Reads the token that somebody in a call hands over in place of theirs. What it leaves out is as it was. */
export function renewer(authenticate: Authenticate, renewed: Renewed): (token: string, held: Grant) => Promise<Grant> {
  return async (token, held) => {
    const { room, name } = held;
    try {
      const grant = await authenticate({ query: new URLSearchParams({ token, room, username: name }), authorization: undefined });
      renewed(held, grant);
      return grant;
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      renewed(held, error);
      throw new RequestError('token-refused', error.message);
    }
  };
}
