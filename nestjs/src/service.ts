import {
  type Api,
  type ApiKey,
  createApi,
  type Identity,
  parseApiKey,
  type Secret,
  type SignedToken,
  signToken,
  socketUrl,
  TokenInvalid,
  verifyToken,
} from '@aqlinks/backend';
import type { Claims } from '@aqlinks/protocol';
import type { AqlinksOptions } from './options.ts';

const HOUR = 3_600; // seconds

export interface Invitation extends SignedToken {
  readonly wsUrl: string; // what a browser opens: `new WebSocket(wsUrl)`
}

/** Signs and checks tokens here, and calls the server for everything else. */
export class AqlinksService {
  readonly #options: AqlinksOptions;
  readonly #key: ApiKey | undefined;
  readonly #api: Api | undefined;

  constructor(options: AqlinksOptions) {
    this.#options = options;
    this.#key = typeof options.key === 'string' ? readKey(options.key) : options.key;
    this.#api = this.#key && createApi({ url: options.url, key: this.#key });
    if (this.#key === undefined && options.secret === undefined) {
      throw new TypeError('AqlinksModule: give it a `key` (aqlinks keys create), or the JWT_SECRET of the server as `secret`.');
    }
  }

  /** `/api/v1`, a function an operation: `aqlinks.api.createRoom({ body: { room: 'standup', max_participants: 20 } })`. */
  get api(): Api {
    if (this.#api !== undefined) return this.#api;
    throw new TypeError('AqlinksModule: the REST interface needs a `key` (aqlinks keys create).');
  }

  /** For whoever may join, with where. Asks nobody. */
  async invite(identity: Identity, { ttl = this.#options.ttl ?? HOUR } = {}): Promise<Invitation> {
    const signed = await signToken(identity, this.#secrets[0] ?? '', ttl);
    return { ...signed, wsUrl: this.socketUrl(signed.token) };
  }

  /** Where a browser joins with a token, whoever signed it. */
  socketUrl(token: string): string {
    return socketUrl(this.#options.url, token);
  }

  /** The claims of a token that this application signed. Rejects with `TokenInvalid`. */
  async verify(token: string): Promise<Claims> {
    let problem: unknown = new TokenInvalid('The token is not valid.', undefined);
    for (const secret of this.#secrets) {
      try {
        return await verifyToken(token, secret);
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  get #secrets(): readonly Secret[] {
    return [this.#key, this.#options.secret].filter(each => each !== undefined);
  }
}

function readKey(text: string): ApiKey {
  const key = parseApiKey(text);
  if (key === undefined) throw new TypeError('AqlinksModule: `key` is not of the form id:secret.');
  return key;
}
