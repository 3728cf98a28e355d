import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { StartError } from '../config/start-error.ts';
import type { ListenAddress } from '../config/values.ts';

/** Connections that wait to be accepted: after a restart everybody comes back at once. The system may lower it. */
const BACKLOG = 4_096;

/** The port that it got. Rejects with `StartError`. */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  server.listen({ port, host: host ?? everyAddress(), backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, host, port);
  }
  return (server.address() as AddressInfo).port;
}

/** `::` takes IPv4 as well; a machine or container without IPv6 does not have it. */
function everyAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? []);
  return addresses.some(address => address.family === 'IPv6') ? '::' : '0.0.0.0';
}

function explain(error: NodeJS.ErrnoException, host: string | undefined, port: number): StartError {
  const where = host === undefined ? `Port ${port}` : `${host}:${port}`;
  const sentences: Record<string, string> = {
    EADDRINUSE: `${where} is in use. Is aqlinks running already? Stop what uses it, or choose another with SERVER_ADDR=:${port + 1}.`,
    EACCES: `${where} may not be used: ports below 1024 belong to root. Choose another with SERVER_ADDR=:8080.`,
    EADDRNOTAVAIL: `${where} is no address of this machine. Correct SERVER_ADDR; :${port} serves on every address.`,
    ENOTFOUND: `${where}: there is no such host. Correct SERVER_ADDR; :${port} serves on every address.`,
  };
  return new StartError(sentences[error.code ?? ''] ?? `${where} cannot be served: ${error.message}.`, { cause: error });
}

/** As a browser on this machine would write it. */
export function localOrigin({ secure, host, port }: ListenAddress & { readonly secure: boolean }): string {
  const name = host === undefined || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `${secure ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
