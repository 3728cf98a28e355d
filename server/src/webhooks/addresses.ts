import { BlockList, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The networks that WEBHOOK_PRIVATE_NETWORKS may name, as TRUSTED_PROXIES does. */
const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

export interface AddressRules {
  readonly publicOnly: boolean; // in production
  readonly allowed: readonly string[]; // networks that are fine although they are not public
}

/** Whether webhooks may be sent to an address. It answers what is wrong, as a sentence. */
export type CheckAddress = (address: string, secure: boolean) => string | undefined;

/**
 * Who may name an address may make this server reach what only it can: the metadata of a cloud, the database, a neighbour's
 * admin page (SSRF). Public is what no registry of special addresses (RFC 6890) names; forms of IPv6 that carry an IPv4 address
 * inside (NAT64, 6to4, Teredo) are not.
 */
export function addressCheck({ publicOnly, allowed }: AddressRules): CheckAddress {
  if (!publicOnly) return () => undefined;
  const fine = new BlockList(); // only its name is about blocking
  for (const network of allowed.flatMap(item => NAMED[item] ?? [item])) {
    const [address = '', prefix] = network.split('/');
    if (prefix === undefined) fine.addAddress(address, familyOf(address));
    else fine.addSubnet(address, Number(prefix), familyOf(address));
  }
  return (address, secure) => {
    const plain = ipaddr.process(address); // an IPv4 address inside ::ffff: as what it is
    const text = plain.toString();
    if (fine.check(text, familyOf(text))) return undefined;
    if (plain.range() !== 'unicast') return 'Its address is not public. WEBHOOK_PRIVATE_NETWORKS can allow it.';
    return secure ? undefined : 'Over public networks webhooks are sent by https only.';
  };
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
