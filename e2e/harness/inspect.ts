/**
 * Runs in the page before its own scripts: keeps every RTCPeerConnection and what its `track` events said, so that a
 * test sees what the browser itself received, whatever the page shows.
 */
export const INSPECT = `(() => {
  const peers = [];
  const speakers = []; // as the server told, one list after another
  window.aqInspect = { peers, speakers };
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        const { event, data: told } = JSON.parse(data);
        if (event === 'speakers') speakers.push(told.participants);
      });
    }
  };
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration, ...rest) {
      super(window.aqRelayOnly ? { ...configuration, iceTransportPolicy: 'relay' } : configuration, ...rest);
      const peer = { connection: this, streams: new Map() };
      peers.push(peer);
      this.addEventListener('track', event => {
        const stream = event.streams[0];
        const mid = event.transceiver.mid;
        if (!stream) return;
        peer.streams.set(mid, stream.id);
        stream.addEventListener('removetrack', gone => {
          if (gone.track === event.track && peer.streams.get(mid) === stream.id) peer.streams.delete(mid);
        });
      });
    }
  };
})()`;

/** What one section of the newest connection received, by the browser's own count. */
export interface Received {
  readonly stream: string; // the sender's participant id
  readonly kind: 'audio' | 'video';
  readonly mid: string;
  readonly codec: string;
  readonly packets: number;
  readonly lost: number;
  readonly frames: number; // decoded
  readonly width: number;
  readonly energy: number; // totalAudioEnergy
}

/** Runs in the page. */
export const RECEIVED = `(async () => {
  const live = window.aqInspect.peers.filter(peer => peer.connection.connectionState !== 'closed');
  const peer = live.at(-1);
  if (!peer) return [];
  const report = await peer.connection.getStats();
  const all = [...report.values()];
  return all.filter(entry => entry.type === 'inbound-rtp' && peer.streams.has(entry.mid)).map(entry => ({
    stream: peer.streams.get(entry.mid),
    kind: entry.kind,
    mid: entry.mid,
    codec: report.get(entry.codecId)?.mimeType ?? '',
    packets: entry.packetsReceived ?? 0,
    lost: entry.packetsLost ?? 0,
    frames: entry.framesDecoded ?? 0,
    width: entry.frameWidth ?? 0,
    energy: entry.totalAudioEnergy ?? 0,
  }));
})()`;

/** One layer that the newest connection sends of its camera. */
export interface SentLayer {
  readonly rid: string;
  readonly width: number;
  readonly frames: number; // encoded
}

/** Runs in the page. */
export const SENT_LAYERS = `(async () => {
  const peer = window.aqInspect.peers.filter(peer => peer.connection.connectionState !== 'closed').at(-1);
  if (!peer) return [];
  const all = [...(await peer.connection.getStats()).values()];
  return all.filter(entry => entry.type === 'outbound-rtp' && entry.kind === 'video' && entry.rid !== undefined).map(entry => ({
    rid: entry.rid,
    width: entry.frameWidth ?? 0,
    frames: entry.framesEncoded ?? 0,
  }));
})()`;
