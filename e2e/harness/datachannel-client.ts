import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { TestContext } from 'node:test';
import rtc from 'node-datachannel';
import type { EncodedMedia } from './encoded-media.ts';

/** libdatachannel: a WebRTC implementation with nothing in common with a browser's (own ICE, OpenSSL, libsrtp). */
export interface DatachannelClient {
  /** Until so many RTP packets of each of so many remote tracks came. */
  receives(tracks: number, packets: number): Promise<void>;
  readonly chat: readonly { from: string | undefined; message: string }[];
  say(text: string): void;
  leave(): void;
}

interface Sender {
  readonly track: rtc.Track;
  readonly payloadType: number;
  readonly ssrc: number;
}

/** Ends the library's threads, which else keep the process alive. */
export const endDatachannel = () => rtc.cleanup();

/** Joins with the plain protocol; publishes `media` if there is any. */
export function newDatachannelClient(
  t: TestContext,
  name: string,
  { url, media }: { url: string; media?: EncodedMedia },
): DatachannelClient {
  const peer = new rtc.PeerConnection(name, { iceServers: [], disableAutoNegotiation: true });
  const socket = new WebSocket(url);
  const news = new EventEmitter();
  const packets = new Map<string, number>(); // by mid
  const chat: { from: string | undefined; message: string }[] = [];
  const senders: Sender[] = [];
  const received: rtc.Track[] = [];
  const send = (event: string, data: string) => socket.send(JSON.stringify({ event, data }));

  peer.onTrack(track => {
    received.push(track);
    track.onMessage(packet => {
      const payloadType = (packet[1] ?? 0) & 0x7f;
      if (payloadType >= 64 && payloadType < 96) return; // RTCP (RFC 5761)
      packets.set(track.mid(), (packets.get(track.mid()) ?? 0) + 1);
      news.emit('packet');
    });
  });
  peer.onLocalDescription((sdp, type) => send('answer', JSON.stringify({ type, sdp })));
  peer.onLocalCandidate(
    (candidate, mid) => socket.readyState === WebSocket.OPEN && send('candidate', JSON.stringify({ candidate, sdpMid: mid })),
  );
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { event: string; data: string; from?: string; message: string };
    if (message.event === 'chat') chat.push({ from: message.from, message: message.message });
    if (message.event !== 'offer') return;
    const { sdp } = JSON.parse(message.data) as { sdp: string };
    if (media !== undefined && senders.length === 0) senders.push(addTrack(peer, 'video', sdp), addTrack(peer, 'audio', sdp));
    peer.setRemoteDescription(sdp, 'offer');
    peer.setLocalDescription('answer');
  });

  const sending = media === undefined ? [] : [sendVideo(() => senders[0], media.video), sendAudio(() => senders[1], media.audio)];
  const leave = () => {
    for (const timer of sending) clearInterval(timer);
    socket.close();
    // The library's clean-up stumbles over tracks that outlive their connection.
    for (const track of [...senders.map(sender => sender.track), ...received]) track.close();
    peer.close();
  };
  t.after(leave);
  return {
    chat,
    say: text => send('chat', text),
    leave,
    receives: (tracks, count) =>
      new Promise((resolve, reject) => {
        const enough = () => [...packets.values()].filter(got => got >= count).length === tracks;
        const deadline = setTimeout(() => reject(new Error(`received only ${JSON.stringify([...packets])} as ${name}`)), 30_000);
        const look = () => {
          if (!enough()) return;
          news.off('packet', look);
          clearTimeout(deadline);
          resolve();
        };
        news.on('packet', look);
        look();
      }),
  };
}

/** The section of the first offer that waits for our track of this kind. */
function addTrack(peer: rtc.PeerConnection, kind: 'video' | 'audio', sdp: string): Sender {
  const section = sdp.split(/(?=^m=)/m).find(part => part.startsWith(`m=${kind}`)) ?? '';
  const mid = /^a=mid:(\S+)/m.exec(section)?.[1] ?? '';
  const name = kind === 'video' ? 'VP8' : 'opus';
  const payloadType = Number(new RegExp(`^a=rtpmap:(\\d+) ${name}/`, 'im').exec(section)?.[1]);
  const ssrc = randomBytes(4).readUInt32BE() || 1;
  const media = kind === 'video' ? new rtc.Video(mid, 'SendOnly') : new rtc.Audio(mid, 'SendOnly');
  if ('addVP8Codec' in media) media.addVP8Codec(payloadType);
  else media.addOpusCodec(payloadType);
  media.addSSRC(ssrc, 'libdatachannel', 'libdatachannel', kind);
  return { track: peer.addTrack(media), payloadType, ssrc };
}

const HEADER = 12; // bytes of an RTP header without CSRC and extensions (RFC 3550 5.1)
const PAYLOAD = 1_100;

function rtp(
  { payloadType, ssrc }: Sender,
  { sequence, timestamp, marker }: { sequence: number; timestamp: number; marker: boolean },
): Buffer {
  const header = Buffer.alloc(HEADER);
  header[0] = 0x80;
  header[1] = payloadType | (marker ? 0x80 : 0);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return header;
}

/** Over and over, one frame each 33 ms; VP8 payload descriptor of one byte, S on the first packet (RFC 7741 4.2). */
function sendVideo(sender: () => Sender | undefined, frames: readonly Buffer[]): NodeJS.Timeout {
  let sequence = 60_000; // wraps while the test runs
  let count = 0;
  return setInterval(() => {
    const to = sender();
    const frame = frames[count % frames.length];
    if (to === undefined || frame === undefined || !to.track.isOpen()) return;
    const timestamp = count * 3_000;
    for (let at = 0; at < frame.length; at += PAYLOAD) {
      const header = rtp(to, { sequence: sequence++, timestamp, marker: at + PAYLOAD >= frame.length });
      to.track.sendMessageBinary(Buffer.concat([header, Buffer.of(at === 0 ? 0x10 : 0), frame.subarray(at, at + PAYLOAD)]));
    }
    count++;
  }, 33);
}

function sendAudio(sender: () => Sender | undefined, frames: readonly Buffer[]): NodeJS.Timeout {
  let count = 0;
  return setInterval(() => {
    const to = sender();
    const frame = frames[count % frames.length];
    if (to === undefined || frame === undefined || !to.track.isOpen()) return;
    const header = rtp(to, { sequence: count, timestamp: count * 960, marker: false });
    to.track.sendMessageBinary(Buffer.concat([header, frame]));
    count++;
  }, 20);
}
