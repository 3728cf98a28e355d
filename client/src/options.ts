import { refreshAddress } from './connection/address.ts';
import { exponentialBackoff, type ReconnectPolicy } from './connection/reconnect-policy.ts';
import { LocalMedia } from './publishing/local-media.ts';
import { asking, following } from './token/token-source.ts';

const PATIENCE = 10_000; // ms without a sign of life after which the server counts as gone (SPEC P39)

interface Common {
  /** The server's WebSocket address: `wss://host/aq_server/websocket`, or relative to the page. */
  readonly url: string | URL;
  /** When to come back after a lost connection. Default: 1 s doubling to 30 s, with jitter, ten tries. */
  readonly reconnect?: ReconnectPolicy;
  /** Devices that are started already, for a preview say. A call that gets in takes them over, and stops them when it ends. */
  readonly media?: LocalMedia;
  /** For RTCPeerConnection. Default: none is needed; the server is reached directly. */
  readonly rtcConfiguration?: RTCConfiguration;
}

/**
 * Tokens of your backend. `getToken` is asked before every connection, and whenever one expires in the call. A `token` alone is
 * followed up by the server itself before it expires, or by `refreshUrl`, which is sent `{token}` and answers `{token}`; `false`: by nobody.
 */
export type ConnectOptions = Common &
  ({ readonly token: string; readonly refreshUrl?: string | URL | false } | { readonly getToken: () => Promise<string> });

export function resolved(options: ConnectOptions) {
  const url = String(options.url);
  return {
    media: options.media ?? new LocalMedia(),
    rtcConfiguration: options.rtcConfiguration ?? {},
    connection: {
      url,
      tokens: 'getToken' in options ? asking(options.getToken) : following(options.token, refreshUrl(options.refreshUrl, url)),
      patience: PATIENCE,
      policy: options.reconnect ?? exponentialBackoff(),
    },
  };
}

function refreshUrl(given: string | URL | false | undefined, url: string): string | undefined {
  if (given === false) return undefined;
  return given === undefined ? refreshAddress(url) : String(given);
}
