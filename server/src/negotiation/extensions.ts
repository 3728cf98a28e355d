import type { HeaderExtensions, Kind } from '../media/media-plane.ts';

type Name = keyof HeaderExtensions;
/** As the offer's section has it: we receive in `recvonly` and send in `sendonly`. */
export type Flow = 'receive' | 'send';

interface OfferedExtension {
  readonly name: Name;
  readonly id: number; // 1–14, so that the one-byte form serves (RFC 8285 4.2)
  readonly uri: string;
  readonly kinds: readonly Kind[];
  readonly flows: readonly Flow[];
}

const BOTH: readonly Flow[] = ['receive', 'send'];

/** Which layer of a simulcast a packet belongs to: only where one is offered. */
const SIMULCAST_EXTENSIONS: readonly OfferedExtension[] = [
  { name: 'rid', id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', kinds: ['video'], flows: ['receive'] },
  {
    name: 'repairedRid',
    id: 11,
    uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
    kinds: ['video'],
    flows: ['receive'],
  },
];

/** One id each for all sections, as BUNDLE demands. Those with `send` are what the forwarder passes on, or writes itself. */
const OFFERED_EXTENSIONS: readonly OfferedExtension[] = [
  { name: 'mid', id: 1, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', kinds: ['audio', 'video'], flows: BOTH },
  {
    name: 'transportWideCc',
    id: 2,
    uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    kinds: ['audio', 'video'],
    flows: BOTH,
  },
  { name: 'audioLevel', id: 3, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', kinds: ['audio'], flows: BOTH },
  { name: 'videoOrientation', id: 4, uri: 'urn:3gpp:video-orientation', kinds: ['video'], flows: BOTH },
  {
    name: 'absCaptureTime',
    id: 5,
    uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
    kinds: ['audio', 'video'],
    flows: BOTH,
  },
  {
    name: 'playoutDelay',
    id: 6,
    uri: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
    kinds: ['video'],
    flows: BOTH,
  },
  {
    name: 'dependencyDescriptor',
    id: 7,
    uri: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
    kinds: ['video'],
    flows: BOTH,
  },
  ...SIMULCAST_EXTENSIONS,
];

export function offeredExtensions(kind: Kind, flow: Flow, simulcast: boolean): { value: number; uri: string }[] {
  return OFFERED_EXTENSIONS.filter(({ kinds, flows }) => kinds.includes(kind) && flows.includes(flow))
    .filter(extension => simulcast || !SIMULCAST_EXTENSIONS.includes(extension))
    .map(({ id, uri }) => ({ value: id, uri }));
}

/** An answer may drop extensions but not renumber them (RFC 8285 6); what is not as offered counts as dropped. */
export function agreedExtensions(answered: Iterable<{ readonly value: number; readonly uri: string }>): HeaderExtensions {
  const agreed: { -readonly [N in Name]?: number } = {};
  for (const { value, uri } of answered) {
    const offered = OFFERED_EXTENSIONS.find(extension => extension.uri === uri);
    if (offered?.id === value) agreed[offered.name] = value;
  }
  return agreed;
}
