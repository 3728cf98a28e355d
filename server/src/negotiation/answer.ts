import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform';
import type { CodecParameters, Encoding, Fingerprint, HeaderExtensions, Kind } from '../media/media-plane.ts';
import { RequestError } from '../session.ts';
import { readEncodings, readPayloads } from './answer-media.ts';
import { agreedCodecs } from './codecs.ts';
import { agreedExtensions } from './extensions.ts';

/** The peer's side of the transport, the same in all sections of the bundle. */
export interface RemoteTransport {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: Fingerprint;
  readonly dtlsRole: 'client' | 'server'; // ours
}

export type AnsweredSection =
  | { readonly state: 'rejected' }
  | {
      readonly state: 'accepted';
      readonly sends: boolean; // and has a codec to do it with
      readonly receives: boolean;
      readonly codecs: readonly CodecParameters[];
      readonly encodings: readonly Encoding[]; // of what it sends
    };

export interface Answer {
  readonly remote: RemoteTransport;
  readonly extensions: HeaderExtensions;
  readonly sections: readonly AnsweredSection[]; // one for each of the offer
}

const MAX_LENGTH = 200_000; // characters, as the protocol's `LIMITS.sdpLength`
const MAX_LINE = 2_000; // no line that is read is near it
/** The lines that are read: the rest, candidates first of all, is junk to us. SHA-1 fingerprints are no proof of anything. */
const READ_LINE =
  /^(?:[vost]=|a=(?:mid|ice-ufrag|ice-pwd|setup|rtpmap|fmtp|rtcp-fb|extmap|ssrc|ssrc-group):|a=fingerprint:sha-(?:256|384|512) |a=(?:sendrecv|sendonly|recvonly|inactive)$)/i;

/** Reads an answer to an offer of these sections. Throws nothing but `RequestError`. */
export function parseAnswer(sdp: string, offered: readonly { readonly mid: string; readonly kind: Kind }[]): Answer {
  const session = parse(readableLines(sdp, offered.length));
  const sections = session.media.map((media, index) => readSection(session, media, offered[index], index));
  refuseSharedSsrcs(sections);
  const accepted = session.media.filter((_, index) => sections[index]?.state === 'accepted');
  return {
    remote: readTransport(session, accepted),
    extensions: agreedExtensions(accepted.flatMap(({ ext }) => ext ?? []).concat(session.ext ?? [])),
    sections,
  };
}

export function invalid(message: string): RequestError {
  return new RequestError('invalid-answer', message);
}

function readableLines(sdp: string, expectedSections: number): string {
  if (sdp.length > MAX_LENGTH) throw invalid(`The answer is too long: at most ${MAX_LENGTH} characters are read.`);
  const lines = sdp.split(/\r\n|\r|\n/);
  if (!lines[0]?.startsWith('v=0')) throw invalid('An SDP begins with `v=0`: send the answer as setLocalDescription made it.');
  const sections = lines.filter(line => line.startsWith('m=')).length;
  if (sections !== expectedSections)
    throw invalid(
      `The offer has ${expectedSections} m-sections and the answer ${sections}: answer the last offer, section by section.`,
    );
  return lines.filter(line => line.startsWith('m=') || (line.length <= MAX_LINE && READ_LINE.test(line))).join('\r\n');
}

function readSection(
  session: SessionDescription,
  media: MediaDescription,
  offered: { readonly mid: string; readonly kind: Kind } | undefined,
  index: number,
): AnsweredSection {
  if (offered === undefined || media.type !== offered.kind)
    throw invalid(`m-section ${index} of the answer must be of the kind that the offer has there.`);
  // `parse` makes numbers of what looks like one
  if (media.mid !== undefined && String(media.mid) !== offered.mid)
    throw invalid(`m-section ${index} of the answer must have \`a=mid:${offered.mid}\` as in the offer.`);
  if (media.port === 0) return { state: 'rejected' };
  const codecs = agreedCodecs(offered.kind, readPayloads(media));
  const direction = media.direction ?? session.direction ?? 'sendrecv'; // RFC 8866 6.7
  const sends = codecs.length > 0 && (direction === 'sendonly' || direction === 'sendrecv');
  const receives = codecs.length > 0 && (direction === 'recvonly' || direction === 'sendrecv');
  return { state: 'accepted', sends, receives, codecs, encodings: sends ? readEncodings(media) : [] };
}

function readTransport(session: SessionDescription, accepted: readonly MediaDescription[]): RemoteTransport {
  const iceUfrag = first(session, accepted, part => part.iceUfrag);
  const icePwd = first(session, accepted, part => part.icePwd);
  if (iceUfrag === undefined || icePwd === undefined)
    throw invalid('The answer lacks `a=ice-ufrag` or `a=ice-pwd` in the sections that it accepts.');
  if (!isIceString(iceUfrag, 4) || !isIceString(icePwd, 22))
    throw invalid('`a=ice-ufrag` has 4 to 256 and `a=ice-pwd` 22 to 256 letters, digits, `+` or `/` (RFC 8839 5.4).');
  return {
    iceUfrag: String(iceUfrag),
    icePwd: String(icePwd),
    fingerprint: readFingerprint(session, accepted),
    dtlsRole: readRole(session, accepted),
  };
}

const HASH_BYTES: Readonly<Record<string, number>> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 };

function readFingerprint(session: SessionDescription, accepted: readonly MediaDescription[]): Fingerprint {
  const fingerprint = first(session, accepted, part => part.fingerprint);
  const algorithm = String(fingerprint?.type).toLowerCase();
  const value = String(fingerprint?.hash).toUpperCase();
  const bytes = Object.hasOwn(HASH_BYTES, algorithm) ? HASH_BYTES[algorithm] : undefined;
  if (bytes === undefined || !/^[0-9A-F]{2}(:[0-9A-F]{2})*$/.test(value) || value.length !== bytes * 3 - 1)
    throw invalid('The answer lacks an `a=fingerprint` of SHA-256, SHA-384 or SHA-512 (RFC 8122).');
  return { algorithm, value };
}

/** `active` and `passive` are the peer's; `actpass`, which no answer should have, leaves the choice to us (RFC 8842 5.3). */
function readRole(session: SessionDescription, accepted: readonly MediaDescription[]): 'client' | 'server' {
  const setup = first(session, accepted, part => part.setup) ?? 'active'; // RFC 4145 4
  if (setup === 'passive') return 'client';
  if (setup === 'active' || setup === 'actpass') return 'server';
  throw invalid('`a=setup` of an answer is `active` or `passive`.');
}

/** Media level wins over session level (RFC 8866 5.13); which section has the bundle's transport is left to the peer (RFC 9143 7.3). */
function first<T>(
  session: SessionDescription,
  accepted: readonly MediaDescription[],
  of: (part: MediaDescription | SessionDescription) => T,
): T | undefined {
  for (const media of accepted) {
    const value = of(media);
    if (value !== undefined) return value;
  }
  return of(session);
}

function isIceString(value: unknown, min: number): boolean {
  const text = String(value);
  return text.length >= min && text.length <= 256 && /^[A-Za-z0-9+/]+$/.test(text);
}

function refuseSharedSsrcs(sections: readonly AnsweredSection[]): void {
  const seen = new Set<number>();
  for (const section of sections) {
    if (section.state === 'rejected') continue;
    for (const ssrc of section.encodings.flatMap(({ ssrc, rtxSsrc }) => [ssrc, rtxSsrc])) {
      if (ssrc === undefined) continue;
      if (seen.has(ssrc)) throw invalid('An SSRC stands for two streams in the answer: give each its own.');
      seen.add(ssrc);
    }
  }
}
