import type { Codec, CodecParameters, Kind } from '../media/media-plane.ts';

/** A codec as every offer of ours has it: one payload type each, the same in all sections of a kind (BUNDLE). */
export interface OfferedCodec {
  readonly codec: Codec;
  readonly kind: Kind;
  readonly name: string; // of a=rtpmap
  readonly payloadType: number;
  readonly rtxPayloadType?: number;
  readonly clockRate: number; // Hz
  readonly channels?: number;
  readonly fmtp?: string;
  /** Whether an answer's parameters mean the same bitstream. */
  readonly accepts: (fmtp: ReadonlyMap<string, string>) => boolean;
}

/** In order of preference: a browser sends with the first that it knows. VP8 is the one that all of them do. */
export const OFFERED_CODECS: readonly OfferedCodec[] = [
  {
    codec: 'opus',
    kind: 'audio',
    name: 'opus',
    payloadType: 111,
    clockRate: 48_000,
    channels: 2,
    fmtp: 'minptime=10;useinbandfec=1', // RFC 7587
    accepts: () => true,
  },
  { codec: 'vp8', kind: 'video', name: 'VP8', payloadType: 96, rtxPayloadType: 97, clockRate: 90_000, accepts: () => true },
  {
    codec: 'vp9',
    kind: 'video',
    name: 'VP9',
    payloadType: 98,
    rtxPayloadType: 99,
    clockRate: 90_000,
    fmtp: 'profile-id=0', // RFC 9628
    accepts: fmtp => (fmtp.get('profile-id') ?? '0') === '0',
  },
  {
    codec: 'h264',
    kind: 'video',
    name: 'H264',
    payloadType: 102,
    rtxPayloadType: 103,
    clockRate: 90_000,
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f', // RFC 6184: constrained baseline, 3.1
    accepts: fmtp => fmtp.get('packetization-mode') === '1' && /^42/.test(fmtp.get('profile-level-id') ?? '42'),
  },
  {
    codec: 'av1',
    kind: 'video',
    name: 'AV1',
    payloadType: 45,
    rtxPayloadType: 46,
    clockRate: 90_000,
    fmtp: 'level-idx=5;profile=0;tier=0', // AV1 RTP: main profile
    accepts: fmtp => (fmtp.get('profile') ?? '0') === '0',
  },
];

/** What a section of an answer says of one payload type. */
export interface AnsweredPayload {
  readonly payloadType: number;
  readonly name: string;
  readonly clockRate: number;
  readonly fmtp: ReadonlyMap<string, string>;
  readonly feedback: ReadonlySet<string>; // 'nack', 'nack pli', 'ccm fir', 'transport-cc'
}

/** The codecs that an answer kept, in its order, each once. */
export function agreedCodecs(kind: Kind, payloads: readonly AnsweredPayload[]): CodecParameters[] {
  const agreed = new Map<Codec, CodecParameters>();
  for (const payload of payloads) {
    const offered = OFFERED_CODECS.find(candidate => isSame(candidate, kind, payload));
    if (offered === undefined || agreed.has(offered.codec)) continue;
    const rtx = payloads.find(other => isRtxOf(payload, other));
    agreed.set(offered.codec, {
      codec: offered.codec,
      payloadType: payload.payloadType,
      ...(rtx === undefined || kind === 'audio' ? {} : { rtxPayloadType: rtx.payloadType }),
      clockRate: offered.clockRate,
      nack: payload.feedback.has('nack'),
      pli: payload.feedback.has('nack pli'),
      fir: payload.feedback.has('ccm fir'),
      transportCc: payload.feedback.has('transport-cc'),
    });
  }
  return [...agreed.values()];
}

/**
 * The codecs that a peer may send where it agreed to some: those first, then the rest of what we offered, which we are ready
 * to receive. Chromium under `setCodecPreferences` answers with its preferred codec alone and sends the one that we offered first.
 * What the answer says of a payload type stands; the feedback is taken to be that of the first agreed codec.
 */
export function receivableCodecs(
  kind: Kind,
  agreed: readonly CodecParameters[],
  payloads: readonly AnsweredPayload[],
): CodecParameters[] {
  const [first] = agreed;
  if (first === undefined) return [];
  const answered = new Set(payloads.map(({ payloadType }) => payloadType));
  const { nack, pli, fir, transportCc } = first;
  const others = OFFERED_CODECS.filter(
    offered =>
      offered.kind === kind && !answered.has(offered.payloadType) && !agreed.some(({ codec }) => codec === offered.codec),
  ).map(({ codec, payloadType, rtxPayloadType, clockRate }) => ({
    codec,
    payloadType,
    ...(rtxPayloadType === undefined || first.rtxPayloadType === undefined || answered.has(rtxPayloadType)
      ? {}
      : { rtxPayloadType }),
    clockRate,
    nack,
    pli,
    fir,
    transportCc,
  }));
  return [...agreed, ...others];
}

function isSame(offered: OfferedCodec, kind: Kind, payload: AnsweredPayload): boolean {
  return (
    offered.kind === kind &&
    offered.name.toLowerCase() === payload.name.toLowerCase() &&
    offered.clockRate === payload.clockRate &&
    offered.accepts(payload.fmtp)
  );
}

function isRtxOf(payload: AnsweredPayload, other: AnsweredPayload): boolean {
  return other.name.toLowerCase() === 'rtx' && other.fmtp.get('apt') === String(payload.payloadType);
}
