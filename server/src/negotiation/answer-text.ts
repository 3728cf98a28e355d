import { parse, type SessionDescription } from 'sdp-transform';

const MAX_LINE = 2_000; // characters; no line that is read is near it
/** The lines that are read: the rest, candidates first of all, is junk to us. SHA-1 fingerprints are no proof of anything. */
const READ_LINE =
  /^(?:[vostm]=|a=(?:mid|ice-ufrag|ice-pwd|setup|rtpmap|fmtp|rtcp-fb|extmap|ssrc|ssrc-group|simulcast):|a=fingerprint:sha-(?:256|384|512) |a=(?:sendrecv|sendonly|recvonly|inactive)$)/i;

/** Parses what is of use of one part of an SDP: its session lines, or one section. `parse` makes numbers of what looks like one. */
export function parseLines(text: string): SessionDescription {
  const lines = text.split(/\r\n|\r|\n/);
  return parse(lines.filter(line => line.length <= MAX_LINE && READ_LINE.test(line)).join('\r\n'));
}
