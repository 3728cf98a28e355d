import { type MediaDescription, parse } from 'sdp-transform';

export const PEER = {
  iceUfrag: 'peer',
  icePwd: 'the+password/of+the+peer',
  fingerprint: Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0').toUpperCase()).join(':'),
};

export interface AnswererOptions {
  /** Sources that the client has: it sends in the sections of these mids where it may. */
  readonly sends?: (mid: string, kind: string) => boolean;
  readonly rejects?: (mid: string) => boolean;
  readonly receives?: (mid: string) => boolean;
  readonly codecs?: readonly string[]; // names in lower case, `rtx` for all retransmission
  readonly setup?: string;
  readonly ssrcs?: boolean; // whether a=ssrc is written
  readonly peer?: Partial<typeof PEER>;
  readonly fingerprintAt?: 'session' | 'media';
  readonly edit?: (lines: string[]) => string[];
}

/** Answers an offer as a plain unified-plan client does, one line after another, so that tests can bend each of them. */
export function answerTo(offer: string, options: AnswererOptions = {}): string {
  const peer = { ...PEER, ...options.peer };
  const session = parse(offer);
  const fingerprint = `a=fingerprint:sha-256 ${peer.fingerprint}`;
  const media = session.media.flatMap((section, index) => answerSection(section, index, options, peer));
  const bundled = session.media.map(({ mid }) => String(mid)).filter(mid => !options.rejects?.(mid));
  const lines = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundled.join(' ')}`,
    ...(options.fingerprintAt === 'media' ? [] : [fingerprint]),
    ...media.flatMap(line => (options.fingerprintAt === 'media' && line.startsWith('a=mid') ? [line, fingerprint] : [line])),
  ];
  return `${(options.edit?.(lines) ?? lines).join('\r\n')}\r\n`;
}

function answerSection(section: MediaDescription, index: number, options: AnswererOptions, peer: typeof PEER): string[] {
  const mid = String(section.mid);
  const rejected = section.port === 0 || options.rejects?.(mid) === true;
  const known = (codec: string) => options.codecs?.includes(codec.toLowerCase()) ?? true;
  const maps = section.rtp.filter(({ codec }) => known(codec));
  const kept = new Set(maps.map(({ payload }) => payload));
  const direction = directionOf(section, options);
  return [
    `m=${section.type} ${rejected ? 0 : 9} UDP/TLS/RTP/SAVPF ${maps.map(({ payload }) => payload).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=ice-ufrag:${peer.iceUfrag}`,
    `a=ice-pwd:${peer.icePwd}`,
    `a=setup:${options.setup ?? 'active'}`,
    `a=${direction}`,
    'a=rtcp-mux',
    ...(section.ext ?? []).map(({ value, uri }) => `a=extmap:${value} ${uri}`),
    ...maps.map(({ payload, codec, rate, encoding }) => `a=rtpmap:${payload} ${codec}/${rate}${encoding ? `/${encoding}` : ''}`),
    ...section.fmtp.filter(({ payload }) => kept.has(payload)).map(({ payload, config }) => `a=fmtp:${payload} ${config}`),
    ...(section.rtcpFb ?? []).map(({ payload, type, subtype }) => `a=rtcp-fb:${payload} ${type}${subtype ? ` ${subtype}` : ''}`),
    ...(direction === 'sendonly' && options.ssrcs !== false ? sources(section.type, index) : []),
  ];
}

function directionOf(section: MediaDescription, options: AnswererOptions): string {
  const mid = String(section.mid);
  if (section.direction === 'recvonly') return (options.sends?.(mid, section.type) ?? false) ? 'sendonly' : 'inactive';
  if (section.direction === 'sendonly') return (options.receives?.(mid) ?? true) ? 'recvonly' : 'inactive';
  return 'inactive';
}

function sources(kind: string, index: number): string[] {
  const ssrc = 1_000_000 + index * 2;
  const cname = (id: number) => [`a=ssrc:${id} cname:c`, `a=ssrc:${id} msid:- t${index}`];
  return kind === 'audio' ? cname(ssrc) : [`a=ssrc-group:FID ${ssrc} ${ssrc + 1}`, ...cname(ssrc), ...cname(ssrc + 1)];
}
