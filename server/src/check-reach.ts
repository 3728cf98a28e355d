import { isIP } from 'node:net';
import type { Configuration } from './config/keys.ts';
import { startNativeMediaPlane } from './media/native.ts';
import { planeOptions } from './plane-options.ts';
import { ask } from './reach/ask.ts';
import { type Probed, probe } from './reach/probe.ts';
import { announcedAddresses, publicAddress, serverOf } from './reach/public-address.ts';

/** What `aqlinks doctor` finds out about the way from clients to the media. */
export interface ReachFinding {
  readonly what: string;
  readonly state: 'fine' | 'warning' | 'problem';
  readonly detail: string;
}

/** Opens the media ports for a moment and asks them as clients would; asks the STUN and TURN servers. Never rejects. */
export async function checkReach(configuration: Configuration): Promise<ReachFinding[]> {
  const helpers = checkHelpers(configuration);
  try {
    const addresses = await announcedAddresses(configuration.mediaAddress);
    return [
      ...(await checkPorts(configuration, addresses)),
      ...(await checkPublic(configuration, addresses)),
      ...(await helpers),
    ];
  } catch (error) {
    return [{ what: 'media', state: 'problem', detail: (error as Error).message }, ...(await helpers)];
  }
}

async function checkPorts(configuration: Configuration, addresses: readonly string[]): Promise<ReachFinding[]> {
  const plane = startNativeMediaPlane({ ...planeOptions(configuration, addresses), logLevel: 'warn' }); // its lines are not what is asked for
  try {
    return (await probe(plane)).map(finding);
  } finally {
    await plane.close();
  }
}

/** A NAT that does not let its own side in looks the same from here as one that lets nobody in: no reason to refuse a start. */
const finding = ({ ip, port, protocol, reached }: Probed): ReachFinding => ({
  what: `${protocol.toUpperCase()} ${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`,
  state: reached ? 'fine' : 'warning',
  detail: reached
    ? 'media: announced, and answers from here'
    : 'media: announced, but does not answer from here; if it is behind a NAT, try from outside',
});

async function checkPublic({ turnUrls }: Configuration, addresses: readonly string[]): Promise<ReachFinding[]> {
  const [url] = turnUrls.filter(each => /^(stun|turn):/.test(each));
  const seen = url === undefined ? undefined : await publicAddress(url);
  if (seen === undefined || addresses.length === 0 || addresses.includes(seen)) return [];
  const detail = `${serverOf(String(url)).host} sees this machine at ${seen}, which is not announced: set MEDIA_ADDRESS to it if clients come from there`;
  return [{ what: 'public address', state: 'warning', detail }];
}

/** Both kinds of server answer STUN; those over TLS are left to the browser. */
function checkHelpers({ turnUrls }: Configuration): Promise<ReachFinding[]> {
  return Promise.all(
    turnUrls.map(async (url): Promise<ReachFinding> => {
      if (/^(stuns|turns):/.test(url))
        return { what: url, state: 'fine', detail: 'told to clients; not asked, since it speaks TLS' };
      const protocol = url.endsWith('transport=tcp') ? 'tcp' : 'udp';
      const seen = await ask({ ...serverOf(url), protocol, framed: false });
      return seen === undefined
        ? { what: url, state: 'problem', detail: `does not answer over ${protocol.toUpperCase()} from here` }
        : { what: url, state: 'fine', detail: `answers, and sees this machine at ${seen.ip}` };
    }),
  );
}
