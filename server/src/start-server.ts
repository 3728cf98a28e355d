import { createRooms } from './conference/rooms.ts';
import type { Configuration, Options } from './config/keys.ts';
import { type Environment, loadConfiguration, readEnvironment } from './config/load.ts';
import { resolveMasterKey } from './config/master-key.ts';
import { checkApiKeys, resolveSecret } from './config/secret.ts';
import { StartError } from './config/start-error.ts';
import { type Certificate, configuredCertificate, expiryWarning } from './http/tls/certificate.ts';
import { createLog, type Logger } from './log.ts';
import type { MediaPlane } from './media/media-plane.ts';
import { startNativeMediaPlane } from './media/native.ts';
import { planeOptions } from './plane-options.ts';
import { openPlatform, type Platform } from './platform.ts';
import { probe } from './reach/probe.ts';
import { announcedAddresses } from './reach/public-address.ts';
import { type RunningServer, serve } from './server.ts';
import type { Pace } from './sessions/recorder.ts';

/** What may be given instead of what the machine has. */
export interface Surroundings {
  readonly environment?: Environment; // default: of the process, over the file `.env` of its folder
  readonly plane?: MediaPlane; // default: the native one; closed with the server
  readonly log?: Logger; // default: lines on stdout
  readonly webRoot?: string; // default: the built page
  readonly pace?: Pace; // of the beats by which servers know of one another
}

export interface StartedServer extends RunningServer {
  readonly configuration: Configuration;
  /** What works but should not stay so, in sentences for people. */
  readonly warnings: readonly string[];
}

/** Starts aqlinks. Options win over the environment. Rejects with `ConfigurationError` or `StartError`, whose messages say what to do. */
export async function startServer(options: Options = {}, surroundings: Surroundings = {}): Promise<StartedServer> {
  const environment = surroundings.environment ?? readEnvironment(process.cwd(), process.env);
  const configuration = loadConfiguration(options, environment);
  const secret = resolveSecret(configuration);
  const weakKeys = checkApiKeys(configuration);
  const certificate = await configuredCertificate(configuration);
  const log =
    surroundings.log ?? createLog({ level: configuration.logLevel, pretty: process.stdout.isTTY, destination: process.stdout });
  const platform = await openPlatform(configuration, { masterKey: resolveMasterKey(configuration), log });
  const plane = surroundings.plane ?? (await openMediaPlane(configuration, platform));
  const { webRoot, pace } = surroundings;
  const server = await serve(configuration, {
    secret: secret.value,
    plane,
    platform,
    createRooms,
    log,
    certificate,
    ...(webRoot === undefined ? {} : { webRoot }),
    ...(pace === undefined ? {} : { pace }),
  });
  if (surroundings.plane === undefined) void sayWhatIsNotReached(plane, log);
  return {
    ...server,
    configuration,
    warnings: [...secret.warnings, ...weakKeys, ...exposed(configuration), ...expiring(certificate)],
  };
}

/** After the start, which it does not delay. */
async function sayWhatIsNotReached(plane: MediaPlane, log: Logger): Promise<void> {
  for (const { ip, port, protocol, reached } of await probe(plane))
    if (!reached)
      log.warn({ ip, port, protocol }, 'Clients are told of this address, but it does not answer from here: see aqlinks doctor');
}

function expiring(certificate: Certificate | undefined): string[] {
  const warning = certificate && expiryWarning(certificate, Date.now());
  return warning === undefined ? [] : [warning];
}

function exposed({ environment, serverAddr }: Configuration): string[] {
  const local = serverAddr.host === 'localhost' || serverAddr.host === '127.0.0.1' || serverAddr.host === '::1';
  if (environment === 'production' || local) return [];
  return [
    'ENVIRONMENT=development: whoever can reach this server gets a token for any room and role. Set ENVIRONMENT=production before others can.',
  ];
}

async function openMediaPlane(configuration: Configuration, platform: Platform): Promise<MediaPlane> {
  try {
    const addresses = await announcedAddresses(configuration.mediaAddress);
    return startNativeMediaPlane(planeOptions(configuration, addresses));
  } catch (error) {
    await platform.close();
    throw new StartError(
      `The media plane does not start: ${(error as Error).message}. MEDIA_PORT and MEDIA_WORKERS choose its ports.`,
      { cause: error },
    );
  }
}
