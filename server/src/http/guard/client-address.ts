import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import type { Trusts } from '../own-origin.ts';

/**
 * The IP address of whoever asks: of the socket, or what trusted proxies say in `X-Forwarded-For`, read from the right up to the
 * first address that is none of theirs. What a stranger writes there is not believed. Empty: the socket is gone.
 */
export function clientAddress(request: IncomingMessage, trusts: Trusts): string {
  const path = proxyAddr.all(request, trusts).map(hop => canonical(hop ?? ''));
  return path.findLast(hop => isIP(hop) !== 0) ?? ''; // a proxy that names nobody stands for its clients
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i; // IPv4 as a socket for both kinds sees it (RFC 4291 2.5.5.2)
const WITH_PORT = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/; // as some proxies write it

/** Without the port, the zone and the mapping into IPv6. */
export function canonical(address: string): string {
  const [, bracketed, plain] = WITH_PORT.exec(address) ?? [];
  const [bare = ''] = (bracketed ?? plain ?? address).split('%', 1);
  return MAPPED.exec(bare)?.[1] ?? bare;
}

const GROUPS = 8; // of 16 bits
const SITE = 4; // of them name the network of one household or company; the rest its owner chooses freely

/** Who is limited as one: an IPv4 address, or a /64 of IPv6, in which everyone has 2^64 addresses. */
export function limitedAs(address: string): string {
  if (!isIPv6(address)) return address;
  const [front = '', back] = address.split('::');
  const before = front === '' ? [] : front.split(':');
  const after = back === undefined || back === '' ? [] : back.split(':');
  const gap = Array<string>(Math.max(0, GROUPS - before.length - after.length)).fill('0');
  const groups = [...before, ...gap, ...after].slice(0, SITE);
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

export const isLoopback = (address: string) => address.startsWith('127.') || address === '::1';
