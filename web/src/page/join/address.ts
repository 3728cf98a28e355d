/** What the page's own address says: `?room=…`, and a token in `?token=` or `#token=`. */
export interface Address {
  readonly room: string | undefined;
  readonly token: string | undefined;
}

export function readAddress(href: string): Address {
  const url = new URL(href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  return {
    room: url.searchParams.get('room') || undefined,
    token: fragment.get('token') || url.searchParams.get('token') || undefined,
  };
}

/** A link for others: to the room, without our token. */
export function inviteLink(href: string, room: string): string {
  const url = new URL(href);
  url.hash = '';
  url.search = '';
  url.searchParams.set('room', room);
  return url.href;
}

/** Of a token in the query: in the fragment it survives a reload as well, and is not sent to servers or proxies. */
export function withTokenInFragment(href: string): string {
  const url = new URL(href);
  const token = url.searchParams.get('token');
  if (token === null) return href;
  url.searchParams.delete('token');
  url.hash = `token=${token}`;
  return url.href;
}

/** Claims to show before joining; whether the token is any good is the server's to say. */
export function readToken(token: string): { readonly room: string | undefined; readonly name: string | undefined } {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), character => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== 'object' || claims === null) return { room: undefined, name: undefined };
    const { room, name, user_id } = claims as Record<string, unknown>;
    return { room: text(room), name: text(name) ?? text(user_id) };
  } catch {
    return { room: undefined, name: undefined };
  }
}
