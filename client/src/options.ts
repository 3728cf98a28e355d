import { exponentialBackoff, type ReconnectPolicy } from './connection/reconnect-policy.ts';
import { LocalMedia } from './publishing/local-media.ts';

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

/** A token of your backend, or a function that gets one: it is asked again before every reconnection. */
export type ConnectOptions = Common & ({ readonly token: string } | { readonly getToken: () => Promise<string> });

export function resolved(options: ConnectOptions) {
  const renews = 'getToken' in options;
  return {
    media: options.media ?? new LocalMedia(),
    rtcConfiguration: options.rtcConfiguration ?? {},
    connection: {
      url: String(options.url),
      getToken: renews ? options.getToken : async () => options.token,
      tokenRenews: renews,
      patience: PATIENCE,
      policy: options.reconnect ?? exponentialBackoff(),
    },
  };
}
