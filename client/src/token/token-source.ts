/** Where the tokens of a call come from. */
export interface TokenSource {
  /** For a connection. */
  get(): Promise<string>;
  /** In place of one that expires. */
  renew(): Promise<string>;
  /** `get` may give another one the next time: an expired token is worth one more question. */
  readonly renews: boolean;
}

const PATIENCE = 10_000; // ms for an answer

/** The page's own function. */
export function asking(getToken: () => Promise<string>): TokenSource {
  return { get: getToken, renew: getToken, renews: true };
}

/** One token, which the server itself follows up (`POST /api/v1/tokens/refresh`), or whatever answers at `endpoint` in the same way. */
export function following(first: string, endpoint: string | undefined): TokenSource {
  let token = first;
  return {
    get: async () => token,
    async renew() {
      if (endpoint === undefined) throw new Error('There is nowhere to get another token from.');
      token = await followUp(endpoint, token);
      return token;
    },
    renews: false,
  };
}

async function followUp(endpoint: string, token: string): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string') return answer.token;
  throw new Error(`No new token could be had: ${response.status}.`);
}
