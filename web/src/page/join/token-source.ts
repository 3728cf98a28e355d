import { HttpError, TokenResponse } from '@aqlinks/protocol';
import type { Seat } from './seat.ts';

const SPARE = 60_000; // ms before its end that a token is not used for another connection any more

/** A function that gets tokens for a seat, and keeps one as long as it lasts. */
export function tokenSource(seat: Seat): () => Promise<string> {
  if (seat.by === 'token') return async () => seat.token;
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (kept === undefined || Date.now() > kept.until - SPARE) {
      const { token, expires_at } = await askForToken(seat);
      kept = { token, until: Date.parse(expires_at) };
    }
    return kept.token;
  };
}

/** The server hands out no tokens: somebody else must. */
export class NoTokensHere extends Error {
  constructor() {
    super('This server does not hand out tokens. Open the link that you were given, or paste your token.');
    this.name = 'NoTokensHere';
  }
}

/** Of the server's own endpoint, which production does not have (SPEC P42). The name is the user id, as with the seed's page. */
async function askForToken({ room, name, userType }: Extract<Seat, { by: 'form' }>): Promise<TokenResponse> {
  let response: Response;
  try {
    response = await fetch('token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ room, user_id: name, name, user_type: userType }),
      cache: 'no-store',
    });
  } catch {
    throw new Error('The server does not answer. Is it running, and are you online?');
  }
  if (response.status === 404) throw new NoTokensHere();
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return TokenResponse.parse(body);
  throw new Error(HttpError.safeParse(body).data?.message ?? `The server gave no token (${response.status}).`);
}
