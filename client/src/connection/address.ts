/** `base` is the server's WebSocket address, with a scheme of HTTP or WebSocket, or relative to the page. */
export function socketAddress(
  base: string,
  token: string,
  resumption?: { readonly key: string; readonly received: number },
): string {
  const url = addressed(base, token);
  if (resumption !== undefined) {
    url.searchParams.set('resume', resumption.key);
    url.searchParams.set('received', String(resumption.received));
  }
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url.href;
}

/** The same address for a plain GET, which tells why an upgrade was refused. */
export function diagnosisAddress(base: string, token: string): string {
  const url = addressed(base, token);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'https:' : 'http:';
  return url.href;
}

/** Where the server itself follows up a token that is still valid. */
export function refreshAddress(base: string): string {
  const url = new URL('/api/v1/tokens/refresh', diagnosisAddress(base, ''));
  return url.href;
}

function addressed(base: string, token: string): URL {
  const url = new URL(base, 'location' in globalThis ? globalThis.location.href : undefined);
  url.searchParams.set('token', token);
  url.hash = '';
  return url;
}
