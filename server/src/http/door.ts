import type { IncomingMessage } from 'node:http';
import type { Authenticate, Credentials } from '../auth/authenticate.ts';
import { TokenRefused } from '../auth/token-refused.ts';
import type { Grant } from '../session.ts';
import type { Guard } from './guard/guard.ts';
import { ownOrigin, type Trusts } from './own-origin.ts';
import { refuse } from './refusal.ts';

/** Where clients connect (SPEC P1). */
export const SOCKET_PATHS = ['/aq_server/websocket', '/aq_server/ws', '/ws'] as const;

export interface DoorOptions {
  readonly authenticate: Authenticate;
  readonly allowedOrigins: readonly string[]; // empty: any; our own page may always
  readonly trusts: Trusts;
  readonly guard: Guard;
  readonly closing: () => boolean;
  /** Hears of every token that was looked at, and what came of it. */
  readonly validated: (request: IncomingMessage, outcome: Grant | TokenRefused) => void;
}

/** Who may connect: the same questions in the same order for an upgrade and for the plain GET that asks why it was refused. */
export class Door {
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Rejects with a `Refusal` or a `TokenRefused`. */
  async admit(request: IncomingMessage): Promise<Grant> {
    if (this.#options.closing()) throw refuse('shutting-down', 'The server restarts. Come again in a moment.');
    if (!this.mayConnect(request)) {
      throw refuse('origin-not-allowed', 'Pages of this origin may not connect. Add it to ALLOWED_ORIGINS on the server.');
    }
    this.#options.guard.checkAddress('joins', request); // before the token costs us a signature
    const grant = await this.#authenticate(request);
    this.#options.guard.checkProject('joins', grant.project, request);
    return grant;
  }

  async #authenticate(request: IncomingMessage): Promise<Grant> {
    const { authenticate, validated } = this.#options;
    try {
      const grant = await authenticate(credentialsOf(request));
      validated(request, grant);
      return grant;
    } catch (error) {
      if (error instanceof TokenRefused) validated(request, error);
      throw error;
    }
  }

  /** Only browsers send an origin; whoever sends none is no page. */
  mayConnect(request: IncomingMessage): boolean {
    const { allowedOrigins, trusts } = this.#options;
    const { origin } = request.headers;
    if (origin === undefined || allowedOrigins.length === 0) return true;
    return allowedOrigins.includes(origin) || origin === ownOrigin(request, trusts);
  }
}

export const pathOf = (request: IncomingMessage) => (request.url ?? '').split('?', 1)[0] ?? '';

export const credentialsOf = (request: IncomingMessage): Credentials => ({
  query: queryOf(request),
  authorization: request.headers.authorization,
});

function queryOf(request: IncomingMessage): URLSearchParams {
  const url = request.url ?? '';
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

const KEY = /^[+/0-9A-Za-z]{22}==$/; // 16 bytes in base64

/** RFC 6455 4.2.1, asked before anybody joins a room. Throws `Refusal`. */
export function checkHandshake(request: IncomingMessage): void {
  const { 'sec-websocket-key': key, 'sec-websocket-version': version, 'sec-websocket-protocol': protocols } = request.headers;
  const invalid = (what: string) => refuse('handshake-invalid', `This is no WebSocket handshake (RFC 6455 4.1): ${what}.`);
  if (request.method !== 'GET') throw invalid('the method is not GET');
  if (key === undefined || !KEY.test(key)) throw invalid('Sec-WebSocket-Key is missing or not 16 bytes in base64');
  if (version !== '13') throw invalid('Sec-WebSocket-Version is not 13');
  if (protocols !== undefined && !isTokenList(protocols)) throw invalid('Sec-WebSocket-Protocol is not a list of distinct names');
}

function isTokenList(header: string): boolean {
  const names = header.split(',').map(name => name.trim());
  return new Set(names).size === names.length && names.every(name => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name));
}
