import { type MediaDescription, write } from 'sdp-transform';
import type { Fingerprint, Kind } from '../media/media-plane.ts';
import type { HostCandidate } from './candidates.ts';
import { OFFERED_CODECS, type OfferedCodec } from './codecs.ts';
import { type Flow, offeredExtensions } from './extensions.ts';
import { offeredSimulcast } from './simulcast.ts';

/** Our side of one transport. */
export interface LocalTransport {
  readonly sessionId: string; // decimal, of o= (RFC 8866 5.2)
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: Fingerprint;
  readonly candidates: readonly HostCandidate[];
}

/** What we send in a section: `stream` is the person, the same for all of their tracks. */
export interface OutgoingStream {
  readonly stream: string;
  readonly track: string;
  readonly ssrc: number;
  readonly rtxSsrc?: number;
}

export type OfferedUse =
  /** `simulcast`: it may come in layers. */
  | { readonly direction: 'recvonly'; readonly simulcast: boolean }
  /** A section that came in layers once must go on saying so (RFC 8853 5.3.1): Chromium refuses it otherwise. */
  | { readonly direction: 'inactive'; readonly simulcast?: boolean }
  | { readonly direction: 'sendonly'; readonly outgoing: OutgoingStream }
  /** The peer refused this section; it stays in its place with port 0 (RFC 8829 5.2.2). */
  | { readonly direction: 'rejected' };

export interface OfferedSection {
  readonly mid: string;
  readonly kind: Kind;
  readonly flow: Flow;
  readonly use: OfferedUse;
}

const DISCARD_PORT = 9; // RFC 8829 5.2.1: the candidates say where to send

/** One m-section as text. Candidates of a bundle are read from its first section; the others may leave them out. */
export function renderSection(local: LocalTransport, section: OfferedSection, withCandidates: boolean): string {
  const text = write({ ...EMPTY, media: [describe(local, section, withCandidates)] });
  return text.slice(text.indexOf('\r\nm=') + 2);
}

/** The whole offer: sections are rendered apart, since all but a few are as they were in the last one. */
export function renderOffer(
  local: LocalTransport,
  version: number,
  sections: readonly { mid: string; text: string; rejected: boolean }[],
): string {
  const mids = sections.filter(({ rejected }) => !rejected).map(({ mid }) => mid);
  const session = write({
    ...EMPTY,
    origin: { ...EMPTY.origin, sessionId: local.sessionId, sessionVersion: version },
    groups: [{ type: 'BUNDLE', mids: mids.join(' ') }],
    icelite: 'ice-lite',
    extmapAllowMixed: 'extmap-allow-mixed',
    msidSemantic: { semantic: 'WMS', token: '*' },
    fingerprint: { type: local.fingerprint.algorithm, hash: local.fingerprint.value },
  });
  return session + sections.map(({ text }) => text).join('');
}

const EMPTY = {
  version: 0,
  origin: { username: '-', sessionId: '0', sessionVersion: 0, netType: 'IN', ipVer: 4, address: '0.0.0.0' },
  name: '-',
  timing: { start: 0, stop: 0 },
  media: [],
};

function describe(local: LocalTransport, section: OfferedSection, withCandidates: boolean): MediaDescription {
  const { kind, flow, use } = section;
  const codecs = OFFERED_CODECS.filter(codec => codec.kind === kind);
  const rejected = use.direction === 'rejected';
  const simulcast = (use.direction === 'recvonly' || use.direction === 'inactive') && use.simulcast === true;
  return {
    type: kind,
    port: rejected ? 0 : DISCARD_PORT,
    protocol: 'UDP/TLS/RTP/SAVPF',
    payloads: codecs
      .flatMap(({ payloadType, rtxPayloadType }) => [payloadType, ...(rtxPayloadType ? [rtxPayloadType] : [])])
      .join(' '),
    connection: { version: 4, ip: '0.0.0.0' },
    mid: section.mid,
    direction: rejected ? 'inactive' : use.direction,
    rtcpMux: 'rtcp-mux',
    rtcpRsize: 'rtcp-rsize',
    iceUfrag: local.iceUfrag,
    icePwd: local.icePwd,
    setup: 'actpass',
    rtp: codecs.flatMap(rtpmaps),
    fmtp: codecs.flatMap(fmtps),
    rtcpFb: codecs.flatMap(codec => feedback(codec, flow)),
    ext: offeredExtensions(kind, flow, simulcast),
    ...(simulcast ? offeredSimulcast() : {}),
    ...(withCandidates ? { candidates: [...local.candidates], endOfCandidates: 'end-of-candidates' as const } : {}),
    ...(use.direction === 'sendonly' ? sources(use.outgoing) : {}),
  };
}

function rtpmaps(codec: OfferedCodec): MediaDescription['rtp'] {
  const { payloadType, rtxPayloadType, name, clockRate, channels } = codec;
  return [
    { payload: payloadType, codec: name, rate: clockRate, ...(channels === undefined ? {} : { encoding: channels }) },
    ...(rtxPayloadType === undefined ? [] : [{ payload: rtxPayloadType, codec: 'rtx', rate: clockRate }]),
  ];
}

function fmtps({ payloadType, rtxPayloadType, fmtp }: OfferedCodec): MediaDescription['fmtp'] {
  return [
    ...(fmtp === undefined ? [] : [{ payload: payloadType, config: fmtp }]),
    ...(rtxPayloadType === undefined ? [] : [{ payload: rtxPayloadType, config: `apt=${payloadType}` }]),
  ];
}

/** What the peer tells of what it receives, and what we tell: arrivals of each packet, or (of old clients) an estimate of its own. */
function feedback({ payloadType, kind }: OfferedCodec, flow: Flow): NonNullable<MediaDescription['rtcpFb']> {
  const types = [
    { type: 'transport-cc' },
    ...(flow === 'send' ? [{ type: 'goog-remb' }] : []),
    ...(kind === 'video' ? [{ type: 'nack' }, { type: 'nack', subtype: 'pli' }, { type: 'ccm', subtype: 'fir' }] : []),
  ];
  return types.map(type => ({ payload: payloadType, ...type }));
}

function sources({ stream, track, ssrc, rtxSsrc }: OutgoingStream): Pick<MediaDescription, 'msid' | 'ssrcs' | 'ssrcGroups'> {
  const ids = rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc];
  return {
    msid: [{ id: stream, appdata: track }],
    ssrcs: ids.map(id => ({ id, attribute: 'cname', value: stream })),
    ...(rtxSsrc === undefined ? {} : { ssrcGroups: [{ semantics: 'FID', ssrcs: ids.join(' ') }] }),
  };
}
