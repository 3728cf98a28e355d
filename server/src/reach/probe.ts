import { randomBytes } from 'node:crypto';
import type { MediaPlane, SocketAddress } from '../media/media-plane.ts';
import { ask } from './ask.ts';

export interface Probed extends SocketAddress {
  readonly protocol: 'udp' | 'tcp';
  readonly reached: boolean;
}

/** Beyond every id that the rooms will ever give. */
const FIRST_TRANSPORT = 0xffff_ff00;

/** Sends an ICE check to everything that the media plane announces, as a client would, from this machine. */
export async function probe(plane: MediaPlane): Promise<Probed[]> {
  const probes = plane.workers.map(async ({ addresses, tcp }, worker) => {
    const transport = FIRST_TRANSPORT + worker;
    const [iceUfrag, icePwd] = [`probe${randomBytes(6).toString('hex')}`, randomBytes(18).toString('hex')];
    plane.send(worker, [{ type: 'open-transport', transport, iceUfrag, icePwd }]);
    const credentials = { username: `${iceUfrag}:prober`, password: icePwd };
    const protocols = tcp ? (['udp', 'tcp'] as const) : (['udp'] as const);
    const asked = addresses.flatMap(({ ip, port }) =>
      protocols.map(async protocol => {
        const seen = await ask({ host: ip, port, protocol, credentials });
        return { ip, port, protocol, reached: seen !== undefined };
      }),
    );
    const probed = await Promise.all(asked);
    plane.send(worker, [{ type: 'close-transport', transport }]);
    return probed;
  });
  return (await Promise.all(probes)).flat();
}
