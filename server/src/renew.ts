import type { Authenticate } from './auth/authenticate.ts';
import { TokenRefused } from './auth/token-refused.ts';
import { type Grant, RequestError } from './session.ts';

export type Renewed = (held: Grant, outcome: Grant | TokenRefused | RequestError) => void;

/** Puts the token that somebody in a call hands over in place of theirs. Rejects with `RequestError`. */
export type Renew = (token: string, held: Grant, use: (grant: Grant) => void) => Promise<void>;

/** What the new token leaves out is as it was. Told is what came of it: a good token may still be somebody else's. */
export function renewer(authenticate: Authenticate, renewed: Renewed): Renew {
  return async (token, held, use) => {
    const { room, name } = held;
    try {
      const grant = await authenticate({ query: new URLSearchParams({ token, room, username: name }), authorization: undefined });
      use(grant);
      renewed(held, grant);
    } catch (error) {
      if (!(error instanceof TokenRefused) && !(error instanceof RequestError)) throw error;
      renewed(held, error);
      throw error instanceof RequestError ? error : new RequestError('token-refused', error.message);
    }
  };
}
