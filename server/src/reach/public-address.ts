import { ask } from './ask.ts';

const DEFAULT_PORT = 3478; // RFC 8489 18.4

/** `stun:host:port` or `turn:host:port?…` as host and port (RFC 7064, RFC 7065); IPv6 in brackets. */
export function serverOf(url: string): { readonly host: string; readonly port: number } {
  const match = /^\w+:(?:\[([^\]]+)\]|([^:?]+))(?::(\d+))?/.exec(url);
  return { host: match?.[1] ?? match?.[2] ?? '', port: Number(match?.[3] ?? DEFAULT_PORT) };
}

/** The address that a STUN server sees us at. Undefined: it does not answer. */
export async function publicAddress(stunUrl: string): Promise<string | undefined> {
  return (await ask({ ...serverOf(stunUrl), protocol: 'udp' }))?.ip;
}

/** Addresses as configured, those that are to be asked for found. Throws a sentence for people where one is not found. */
export async function announcedAddresses(configured: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    configured.map(async item => {
      if (!item.startsWith('stun:')) return item;
      const address = await publicAddress(item);
      if (address === undefined)
        throw new Error(`MEDIA_ADDRESS: ${item} does not say what address this server has: it does not answer over UDP`);
      return address;
    }),
  );
  return [...new Set(found)];
}
