import type { MediaDescription } from 'sdp-transform';
import type { CodecParameters, Encoding, Kind } from '../media/media-plane.ts';
import { parseLines } from './answer-text.ts';
import type { TransportAttributes } from './answer-transport.ts';
import { type AnsweredPayload, agreedCodecs, receivableCodecs } from './codecs.ts';
import { invalid } from './invalid.ts';
import { answeredRids } from './simulcast.ts';

export type AnsweredSection =
  | { readonly state: 'rejected' }
  | {
      readonly state: 'accepted';
      readonly sends: boolean; // and has a codec to do it with
      readonly receives: boolean;
      readonly codecs: readonly CodecParameters[]; // what it receives
      readonly receivable: readonly CodecParameters[]; // what it may send
      readonly encodings: readonly Encoding[]; // of what it sends
    };

/** What one section of an answer says, of itself and of the transport that all of them share. */
export interface ReadSection {
  readonly answered: AnsweredSection;
  readonly transport: TransportAttributes;
  readonly extensions: readonly { readonly value: number; readonly uri: string }[];
}

export interface ExpectedSection {
  readonly index: number;
  readonly mid: string;
  readonly kind: Kind;
  readonly sessionDirection: MediaDescription['direction'];
}

export function readSection(text: string, expected: ExpectedSection): ReadSection {
  const media = parseLines(text).media[0];
  if (media === undefined || media.type !== expected.kind)
    throw invalid(`m-section ${expected.index} of the answer must be of the kind that the offer has there.`);
  if (media.mid !== undefined && String(media.mid) !== expected.mid)
    throw invalid(`m-section ${expected.index} of the answer must have \`a=mid:${expected.mid}\` as in the offer.`);
  const { iceUfrag, icePwd, fingerprint, setup, ext = [] } = media;
  return {
    answered: media.port === 0 ? { state: 'rejected' } : readAccepted(media, expected),
    transport: { iceUfrag, icePwd, fingerprint, setup },
    extensions: ext.map(({ value, uri }) => ({ value, uri })),
  };
}

function readAccepted(media: MediaDescription, { kind, sessionDirection }: ExpectedSection): AnsweredSection {
  const payloads = readPayloads(media);
  const codecs = agreedCodecs(kind, payloads);
  const direction = media.direction ?? sessionDirection ?? 'sendrecv'; // RFC 8866 6.7
  const sends = codecs.length > 0 && (direction === 'sendonly' || direction === 'sendrecv');
  const receives = codecs.length > 0 && (direction === 'recvonly' || direction === 'sendrecv');
  const receivable = sends ? receivableCodecs(kind, codecs, payloads) : [];
  return { state: 'accepted', sends, receives, codecs, receivable, encodings: sends ? readEncodings(media) : [] };
}

/** A browser answers with some twenty; each costs a look at the others. */
const MAX_PAYLOADS = 64;

/** The payload types of a section, in the order of its m-line. */
function readPayloads(media: MediaDescription): AnsweredPayload[] {
  const payloads = new Set(
    String(media.payloads ?? '')
      .split(' ')
      .slice(0, MAX_PAYLOADS)
      .filter(isPayloadType)
      .map(Number),
  );
  return [...payloads].flatMap(payloadType => {
    const map = media.rtp.find(({ payload }) => payload === payloadType);
    if (map === undefined) return [];
    return [
      {
        payloadType,
        name: String(map.codec),
        clockRate: Number(map.rate),
        fmtp: fmtpOf(media, payloadType),
        feedback: feedbackOf(media, payloadType),
      },
    ];
  });
}

/** 64–95 cannot be told from RTCP on one port (RFC 5761 4). */
function isPayloadType(text: string): boolean {
  const value = Number(text);
  return /^\d{1,3}$/.test(text) && value <= 127 && (value < 64 || value > 95);
}

function fmtpOf(media: MediaDescription, payloadType: number): ReadonlyMap<string, string> {
  const config = media.fmtp.find(({ payload }) => payload === payloadType)?.config ?? '';
  const pairs = String(config)
    .split(';')
    .map(pair => pair.trim().split('=', 2));
  return new Map(pairs.map(([key = '', value = '']) => [key.toLowerCase(), value]));
}

function feedbackOf(media: MediaDescription, payloadType: number): ReadonlySet<string> {
  const ours = (media.rtcpFb ?? []).filter(({ payload }) => payload === payloadType || payload === '*');
  return new Set(ours.map(({ type, subtype }) => (subtype === undefined ? String(type) : `${type} ${subtype}`)));
}

/**
 * What a section sends: the layers of a simulcast, found by MID and RTP stream id; or one stream, declared with its SSRCs
 * (RFC 5576), or, without, found by MID or payload type.
 */
function readEncodings(media: MediaDescription): Encoding[] {
  const rids = answeredRids(media);
  if (rids.length > 1) return rids.map(rid => ({ rid }));
  const declared = (media.ssrcs ?? []).map(({ id }) => id).filter(isSsrc);
  const primary = declared[0];
  if (primary === undefined) return [{}];
  for (const { semantics, ssrcs } of media.ssrcGroups ?? []) {
    const [ssrc, rtxSsrc] = String(ssrcs).split(' ', 2).map(Number);
    if (semantics !== 'FID' || !isSsrc(ssrc) || !isSsrc(rtxSsrc)) continue;
    return [{ ssrc, rtxSsrc }];
  }
  return [{ ssrc: primary }];
}

function isSsrc(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff_ffff;
}
