import { parse } from 'sdp-transform';
import { hostCandidates } from '../../src/negotiation/candidates.ts';
import { type Delivery, Negotiation, type Offer } from '../../src/negotiation/negotiation.ts';

export function newNegotiation({ maxSections = 200, addresses = LOCAL, tcp = false, simulcast = false } = {}): Negotiation {
  let ssrc = 0x1000_0000;
  return new Negotiation({
    local: {
      sessionId: '4611731400430051336',
      iceUfrag: 'ours1234',
      icePwd: 'our+password/with+enough+length0',
      fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') },
      candidates: hostCandidates({ addresses, tcp }),
    },
    maxSections,
    randomSsrc: () => ++ssrc,
    simulcast,
  });
}

const LOCAL = [
  { ip: '127.0.0.1', port: 40_000 },
  { ip: '192.0.2.1', port: 40_000 },
  { ip: '2001:db8::1', port: 40_000 },
];

export const camera = (stream: string): Delivery => ({ stream, track: `${stream}-camera`, kind: 'video' });
export const microphone = (stream: string): Delivery => ({ stream, track: `${stream}-microphone`, kind: 'audio' });

export function directions(offer: Offer | undefined): (string | undefined)[] {
  return parse(offer?.sdp ?? '').media.map(({ direction }) => direction);
}
