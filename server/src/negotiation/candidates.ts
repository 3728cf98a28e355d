import type { SocketAddress, WorkerAddresses } from '../media/media-plane.ts';

export interface HostCandidate {
  readonly foundation: string;
  readonly component: number;
  readonly transport: string;
  readonly priority: number;
  readonly ip: string;
  readonly port: number;
  readonly type: string;
  readonly tcptype?: string; // RFC 6544 4.5
}

const HOST_PREFERENCE = 126; // RFC 8445 5.1.2.2
const TCP_HOST_PREFERENCE = 90; // below every UDP candidate (RFC 6544 4.2)
const RTP_COMPONENT = 1;
/** More only slow the checks down: a browser pairs each with each of its own. */
const MAX_CANDIDATES = 16;

/**
 * Host candidates, best first: IPv4, then IPv6, then loopback, each in the worker's order; then the same over TCP where the
 * worker takes that, for peers whose network lets no UDP through. Link-local IPv6 needs a zone that SDP lacks.
 */
export function hostCandidates({ addresses, tcp }: WorkerAddresses): HostCandidate[] {
  const best = addresses
    .filter(({ ip }) => !/^fe[89ab]/i.test(ip))
    .map(address => ({ address, rank: rankOf(address.ip) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_CANDIDATES);
  const overUdp = best.map(({ address }, index) => ({
    ...candidate(address, index, HOST_PREFERENCE),
    foundation: String(index + 1),
    transport: 'udp',
  }));
  if (!tcp) return overUdp;
  const overTcp = best.map(({ address }, index) => ({
    ...candidate(address, index, TCP_HOST_PREFERENCE),
    foundation: String(best.length + index + 1),
    transport: 'tcp',
    tcptype: 'passive',
  }));
  return [...overUdp, ...overTcp];
}

const candidate = ({ ip, port }: SocketAddress, index: number, preference: number) => ({
  component: RTP_COMPONENT,
  priority: 2 ** 24 * preference + 2 ** 8 * (65_535 - index) + (256 - RTP_COMPONENT),
  ip,
  port,
  type: 'host',
});

function rankOf(ip: string): number {
  if (ip === '::1' || ip.startsWith('127.')) return 2;
  return ip.includes(':') ? 1 : 0;
}
