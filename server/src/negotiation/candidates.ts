import type { SocketAddress } from '../media/media-plane.ts';

export interface HostCandidate {
  readonly foundation: string;
  readonly component: number;
  readonly transport: string;
  readonly priority: number;
  readonly ip: string;
  readonly port: number;
  readonly type: string;
}

const HOST_PREFERENCE = 126; // RFC 8445 5.1.2.2
const RTP_COMPONENT = 1;
/** More only slow the checks down: a browser pairs each with each of its own. */
const MAX_CANDIDATES = 16;

/** Host candidates, best first: IPv4, then IPv6, then loopback, each in the worker's order. Link-local IPv6 needs a zone that SDP lacks. */
export function hostCandidates(addresses: readonly SocketAddress[]): HostCandidate[] {
  return addresses
    .filter(({ ip }) => !/^fe[89ab]/i.test(ip))
    .map(address => ({ address, rank: rankOf(address.ip) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_CANDIDATES)
    .map(({ address: { ip, port } }, index) => ({
      foundation: String(index + 1),
      component: RTP_COMPONENT,
      transport: 'udp',
      priority: 2 ** 24 * HOST_PREFERENCE + 2 ** 8 * (65_535 - index) + (256 - RTP_COMPONENT),
      ip,
      port,
      type: 'host',
    }));
}

function rankOf(ip: string): number {
  if (ip === '::1' || ip.startsWith('127.')) return 2;
  return ip.includes(':') ? 1 : 0;
}
