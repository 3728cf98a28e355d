import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The networks that TRUSTED_PROXIES may name. */
const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');

export type Trusts = (address: string) => boolean;

/** Whether an address is one of the reverse proxies; the list is that of TRUSTED_PROXIES. */
export function trustedProxies(list: readonly string[]): Trusts {
  const networks = new BlockList(); // only its name is about blocking
  for (const network of list.flatMap(item => NAMED[item] ?? [item])) {
    const [address = '', prefix] = network.split('/');
    if (prefix === undefined) networks.addAddress(address, familyOf(address));
    else networks.addSubnet(address, Number(prefix), familyOf(address));
  }
  return address => isIP(address) !== 0 && networks.check(address, familyOf(address));
}

/** The origin under which a browser reached us, as far as it can be told. What a stranger forwards is not believed. */
export function ownOrigin({ headers, socket }: IncomingMessage, trusts: Trusts): string {
  const forwarded = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' && trusts(socket.remoteAddress ?? '') ? value.split(',', 1)[0]?.trim() : undefined;
  };
  return `${forwarded('x-forwarded-proto') ?? (socket instanceof TLSSocket ? 'https' : 'http')}://${forwarded('x-forwarded-host') ?? headers.host}`;
}
