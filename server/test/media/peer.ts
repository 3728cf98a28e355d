import { EventEmitter, once } from 'node:events';
import { after, type TestContext } from 'node:test';
import rtc from 'node-datachannel';
import type {
  CodecParameters,
  Command,
  Kind,
  MediaPlane,
  SocketAddress,
  TransportId,
  WorkerId,
} from '../../src/media/media-plane.ts';

export interface PeerOptions {
  readonly plane: MediaPlane;
  readonly transport: TransportId;
  readonly worker?: WorkerId; // default: 0
  readonly address: SocketAddress; // of the worker, to connect to
  readonly direction: 'sends' | 'receives';
  readonly kind: Kind;
  readonly ssrc: number; // of what is sent on this transport, by whichever side
}

after(() => rtc.cleanup()); // its threads keep the process alive

/** libdatachannel as the far end of one transport with one m-section, its offer and answer done by hand. */
export interface Peer {
  /** When it has its keys too: a little after the plane has told that the transport is connected. */
  readonly opened: Promise<unknown>;
  send(packet: Buffer): boolean;
  /** The next RTP packet; RTCP is passed over (RFC 5761). */
  receive(): Promise<Buffer>;
  /** When it has learned that the transport was closed. */
  readonly ended: Promise<unknown>;
}

export const MID = '0';
const MID_EXTENSION = 1;

const CODECS = {
  audio: { codec: 'opus', payloadType: 111, clockRate: 48_000, nack: false, pli: false, fir: false, transportCc: false },
  video: { codec: 'vp8', payloadType: 96, clockRate: 90_000, nack: true, pli: true, fir: false, transportCc: false },
} satisfies Record<Kind, CodecParameters>;

export const codecOf = (kind: Kind): CodecParameters => CODECS[kind];

/** Opens the transport and answers the peer's side of it. Whether it connects is the plane's to tell. */
export async function newPeer(t: TestContext, options: PeerOptions): Promise<Peer> {
  const { plane, worker = 0, transport, kind, ssrc, direction } = options;
  const ice = { iceUfrag: `ufrag${transport}`, icePwd: `the-password-of-transport-${transport}` };
  plane.send(worker, [{ type: 'open-transport', transport, ...ice }]);

  const connection = new rtc.PeerConnection(`peer ${transport}`, {
    iceServers: [],
    disableAutoNegotiation: true,
    bindAddress: options.address.ip,
  });
  const received = new Packets();
  const tracks: { close(): void }[] = [];
  connection.onTrack(track => {
    tracks.push(track);
    track.onMessage(packet => received.push(packet));
  });
  t.after(() => {
    for (const track of tracks) track.close(); // else cleanup() closes them once they are freed
    connection.close();
  });
  const states = new EventEmitter();
  connection.onStateChange(state => states.emit(state));
  const opened = once(states, 'connected');
  const ended = once(states, 'closed');
  const answered = new Promise<string>(resolve => connection.onLocalDescription(resolve));
  const media = direction === 'sends' ? ours(kind, ssrc) : undefined;
  const track = media === undefined ? undefined : connection.addTrack(media);
  if (track !== undefined) tracks.push(track);
  connection.setRemoteDescription(offer(options, ice), 'offer');
  connection.setLocalDescription('answer');
  plane.send(worker, [connect(transport, await answered)]);

  return {
    send: packet => track?.sendMessageBinary(packet) ?? false,
    receive: () => received.next(),
    opened,
    ended,
  };
}

function ours(kind: Kind, ssrc: number) {
  const { payloadType } = CODECS[kind];
  const media = kind === 'video' ? new rtc.Video(MID, 'SendOnly') : new rtc.Audio(MID, 'SendOnly');
  if ('addVP8Codec' in media) media.addVP8Codec(payloadType);
  else media.addOpusCodec(payloadType);
  media.addSSRC(ssrc, 'peer', 'stream', 'track');
  return media;
}

function offer({ plane, address, direction, kind, ssrc }: PeerOptions, ice: { iceUfrag: string; icePwd: string }): string {
  const { payloadType, clockRate, codec } = CODECS[kind];
  const { algorithm, value } = plane.fingerprint;
  const family = address.ip.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=ice-lite',
    `a=group:BUNDLE ${MID}`,
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    `c=IN ${family} ${address.ip}`,
    `a=mid:${MID}`,
    'a=rtcp-mux',
    `a=ice-ufrag:${ice.iceUfrag}`,
    `a=ice-pwd:${ice.icePwd}`,
    `a=fingerprint:${algorithm} ${value}`,
    'a=setup:actpass',
    `a=${direction === 'sends' ? 'recvonly' : 'sendonly'}`,
    `a=extmap:${MID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:mid`,
    `a=rtpmap:${payloadType} ${codec}/${clockRate}${kind === 'audio' ? '/2' : ''}`,
    ...(direction === 'receives' ? [`a=ssrc:${ssrc} cname:aqlinks`] : []),
    `a=candidate:1 1 UDP 2130706431 ${address.ip} ${address.port} typ host`,
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}

function connect(transport: TransportId, answer: string): Command {
  const attribute = (name: string) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(answer)?.[1] ?? '';
  const [algorithm = '', value = ''] = attribute('fingerprint').split(' ');
  return {
    type: 'connect-transport',
    transport,
    iceUfrag: attribute('ice-ufrag'),
    icePwd: attribute('ice-pwd'),
    fingerprint: { algorithm, value },
    dtlsRole: attribute('setup') === 'active' ? 'server' : 'client',
    extensions: { mid: MID_EXTENSION },
  };
}

class Packets {
  #waiting: Buffer[] = [];
  #wanted: ((packet: Buffer) => void)[] = [];

  push(packet: Buffer): void {
    const payloadType = (packet[1] ?? 0) & 0x7f;
    if (payloadType >= 64 && payloadType < 96) return;
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#waiting.push(packet);
    else wanted(packet);
  }

  next(): Promise<Buffer> {
    const packet = this.#waiting.shift();
    return packet === undefined ? new Promise(resolve => this.#wanted.push(resolve)) : Promise.resolve(packet);
  }
}
