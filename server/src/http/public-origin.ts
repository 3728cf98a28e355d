import type { IncomingMessage } from 'node:http';
import { ownOrigin, type Trusts } from './own-origin.ts';

export interface PublicOriginOptions {
  readonly publicUrl: string | undefined; // PUBLIC_URL
  readonly trusts: Trusts;
  readonly fallback: () => string; // where a request names no host that could be one
}

/** The origin under which others reach us: as it was set, else as this request did, else on this machine. */
export function publicOrigin(request: IncomingMessage, { publicUrl, trusts, fallback }: PublicOriginOptions): string {
  if (publicUrl !== undefined) return publicUrl;
  const named = ownOrigin(request, trusts);
  return /^https?:\/\//.test(named) && URL.canParse(named) && isOrigin(named) ? new URL(named).origin : fallback();
}

/** Nothing behind the host: a `Host` header may hold anything. */
function isOrigin(named: string): boolean {
  const { host, pathname, search, hash, username, password } = new URL(named);
  return host !== '' && pathname === '/' && !named.endsWith('/') && `${search}${hash}${username}${password}` === '';
}
