import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  type Configuration,
  configuredCertificate,
  expiryWarning,
  loadConfiguration,
  readEnvironment,
  resolveSecret,
} from '@aqlinks/server/settings';
import { type Command, EXIT, print, printJson } from '../command.ts';
import { SETTING_OPTIONS, settingsOf } from '../settings.ts';
import { table } from '../table.ts';

interface Finding {
  readonly what: string;
  readonly state: 'fine' | 'warning' | 'problem';
  readonly detail: string;
}

export const doctor: Command = {
  summary: 'say what a start would serve and announce, and what stands in its way',
  help: `aqlinks doctor [OPTIONS]

Looks at the settings, the secret, the ports and the addresses that clients would be told. Opens the media ports for a
moment and asks them over UDP and TCP as clients would, and asks the STUN and TURN servers of TURN_URLS.
Takes the options of \`aqlinks start\`. Exits with 1 if a start would fail.

  --json   as JSON

Examples:
  aqlinks doctor
  aqlinks doctor --server-addr :80`,
  options: { ...SETTING_OPTIONS, json: { type: 'boolean' } },
  async run(args) {
    const configuration = loadConfiguration(settingsOf(args), readEnvironment(process.cwd(), process.env));
    const findings = [
      secret(configuration),
      await tls(configuration),
      await http(configuration),
      ...(await media(configuration)),
      announced(configuration),
    ];
    if (findings.every(({ state }) => state !== 'problem')) findings.push(...(await reach(configuration)));
    if (args.values.json === true) printJson(findings);
    else print(table(findings.map(({ what, state, detail }) => [state, what, detail])));
    return findings.some(({ state }) => state === 'problem') ? EXIT.failed : EXIT.fine;
  },
};

function secret(configuration: Configuration): Finding {
  const what = 'secret';
  if (configuration.jwtSecret === undefined && configuration.environment === 'development') {
    return { what, state: 'warning', detail: `no JWT_SECRET: one is kept in ${configuration.dataDir}` };
  }
  try {
    const [warning] = resolveSecret(configuration).warnings;
    return { what, state: warning === undefined ? 'fine' : 'warning', detail: warning ?? 'JWT_SECRET is strong enough' };
  } catch (error) {
    return { what, state: 'problem', detail: (error as Error).message };
  }
}

async function tls(configuration: Configuration): Promise<Finding> {
  const what = 'TLS';
  try {
    const certificate = await configuredCertificate(configuration);
    if (certificate === undefined)
      return { what, state: 'fine', detail: 'none: browsers need HTTPS from a reverse proxy, or localhost' };
    const warning = expiryWarning(certificate, Date.now());
    const until = new Date(certificate.expiresAt).toISOString();
    return { what, state: warning === undefined ? 'fine' : 'warning', detail: warning ?? `${certificate.names} until ${until}` };
  } catch (error) {
    return { what, state: 'problem', detail: (error as Error).message };
  }
}

async function http({ serverAddr: { host, port } }: Configuration): Promise<Finding> {
  const server = createServer();
  const failure = await tried(server.listen({ port, ...(host === undefined ? {} : { host }) }));
  server.close();
  return finding(`TCP ${host ?? '*'}:${port}`, 'page and WebSocket', failure);
}

async function media({ mediaPort, mediaWorkers }: Configuration): Promise<Finding[]> {
  if (mediaPort === 0) return [{ what: 'UDP', state: 'fine', detail: 'media: any free ports' }];
  const ports = Array.from({ length: mediaWorkers }, (_, worker) => mediaPort + worker);
  return Promise.all(
    ports.map(async port => {
      const socket = createSocket('udp4');
      socket.bind(port);
      const failure = await tried(socket);
      socket.close();
      return finding(`UDP *:${port}`, 'media', failure);
    }),
  );
}

/** Undefined: it listens. */
async function tried(socket: NodeJS.EventEmitter): Promise<string | undefined> {
  try {
    await once(socket, 'listening');
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? 'is in use by another process' : code === 'EACCES' ? 'needs root (ports below 1024)' : message;
  }
}

const finding = (what: string, use: string, failure: string | undefined): Finding =>
  failure === undefined
    ? { what, state: 'fine', detail: `${use}: free` }
    : { what, state: 'problem', detail: `${use}: ${failure}` };

/** The media plane is loaded for this alone. */
async function reach(configuration: Configuration): Promise<Finding[]> {
  const { checkReach } = await import('@aqlinks/server');
  return [...(await checkReach(configuration))];
}

function announced({ mediaAddress }: Configuration): Finding {
  const what = 'announced';
  if (mediaAddress.length > 0) return { what, state: 'fine', detail: `${mediaAddress.join(', ')} (MEDIA_ADDRESS)` };
  const local = Object.values(networkInterfaces()).flatMap(list => list ?? []);
  const addresses = local.filter(({ address }) => !address.startsWith('fe80:')).map(({ address }) => address);
  const reachable = local.some(({ internal }) => !internal);
  const detail = `${addresses.join(', ')} (every local address; set MEDIA_ADDRESS where clients come from elsewhere)`;
  return { what, state: reachable ? 'fine' : 'warning', detail };
}
