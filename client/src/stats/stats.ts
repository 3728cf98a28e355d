/** What one direction of one track did since its connection began. */
export interface TrackStats {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly direction: 'up' | 'down'; // up: from this browser
  readonly codec: string | undefined; // MIME type
  readonly packets: number;
  readonly bytes: number;
  readonly packetsLost: number; // up: as the server reports it
  readonly jitter: number | undefined; // seconds; down only
  readonly frames: number | undefined; // decoded or encoded; video only
  readonly width: number | undefined; // pixels
  readonly height: number | undefined;
}

export interface CallStats {
  readonly roundTripTime: number | undefined; // seconds, to the server
  readonly availableUp: number | undefined; // bits per second that the browser believes it can send
  readonly tracks: readonly TrackStats[];
}

/** Fields of W3C webrtc-stats that are read here; each may be missing in one browser or another. */
interface Entry {
  readonly id: string;
  readonly type: string;
  readonly kind?: 'audio' | 'video';
  readonly mid?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly remoteId?: string;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
  readonly packetsReceived?: number;
  readonly packetsSent?: number;
  readonly bytesReceived?: number;
  readonly bytesSent?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
  readonly framesDecoded?: number;
  readonly framesEncoded?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
}

export async function callStats(connection: Pick<RTCPeerConnection, 'getStats'>): Promise<CallStats> {
  const report: ReadonlyMap<string, unknown> = await connection.getStats();
  const entries = new Map([...report].map(([id, entry]) => [id, entry as Entry]));
  const pair = [...entries.values()].find(({ type, nominated }) => type === 'candidate-pair' && nominated === true);
  const tracks: TrackStats[] = [];
  for (const entry of entries.values()) {
    if (entry.type === 'inbound-rtp') tracks.push(down(entry, entries));
    if (entry.type === 'outbound-rtp') tracks.push(up(entry, entries));
  }
  return { roundTripTime: pair?.currentRoundTripTime, availableUp: pair?.availableOutgoingBitrate, tracks };
}

function down(entry: Entry, entries: ReadonlyMap<string, Entry>): TrackStats {
  return {
    ...shared(entry, entries),
    direction: 'down',
    packets: entry.packetsReceived ?? 0,
    bytes: entry.bytesReceived ?? 0,
    packetsLost: entry.packetsLost ?? 0,
    jitter: entry.jitter,
    frames: entry.framesDecoded,
  };
}

function up(entry: Entry, entries: ReadonlyMap<string, Entry>): TrackStats {
  return {
    ...shared(entry, entries),
    direction: 'up',
    packets: entry.packetsSent ?? 0,
    bytes: entry.bytesSent ?? 0,
    packetsLost: entries.get(entry.remoteId ?? '')?.packetsLost ?? 0,
    jitter: undefined,
    frames: entry.framesEncoded,
  };
}

function shared(entry: Entry, entries: ReadonlyMap<string, Entry>) {
  return {
    mid: entry.mid ?? '',
    kind: entry.kind ?? 'audio',
    codec: entries.get(entry.codecId ?? '')?.mimeType,
    width: entry.frameWidth,
    height: entry.frameHeight,
  };
}
