import { printableConfiguration } from './config/describe.ts';
import type { Configuration, Options } from './config/keys.ts';
import { loadConfiguration, readEnvironment } from './config/load.ts';
import { StartError } from './config/start-error.ts';
import { createLog, type Logger } from './log.ts';
import { type StartedServer, startServer } from './start-server.ts';
import { VERSION } from './version.ts';

/** aqlinks as a process: starts, says where it is, and ends in order when told to. Resolves with the exit code. */
export async function runServer(options: Options): Promise<number> {
  const terminal = process.stdout.isTTY === true;
  let log: Logger;
  let server: StartedServer;
  try {
    const environment = readEnvironment(process.cwd(), process.env);
    const configuration = loadConfiguration(options, environment);
    log = createLog({ level: configuration.logLevel, pretty: terminal, destination: process.stdout });
    server = await startServer(options, { environment, log });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`aqlinks does not start:\n${error.message.replace(/^/gm, '  ')}\n`);
    return 1;
  }
  if (terminal) process.stdout.write(banner(server));
  else report(server, log);
  const signal = await firstSignal();
  log.info({ signal }, 'Closing; a second signal ends it at once');
  await server.close();
  return 0;
}

/** Resolves with the first one; the second ends the process, whatever is still open. Between them no signal goes unhandled. */
const firstSignal = () =>
  new Promise<NodeJS.Signals>(resolve => {
    let asked = false;
    const handle = (signal: NodeJS.Signals) => {
      if (asked) process.exit(1);
      asked = true;
      resolve(signal);
    };
    for (const signal of SIGNALS) process.on(signal, handle);
  });

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

function banner(server: StartedServer): string {
  const { configuration, warnings } = server;
  return [
    '',
    `  aqlinks ${VERSION} (${configuration.environment})`,
    '',
    `  page     ${server.pageUrl}`,
    `  clients  ${server.webSocketUrl}?token=JWT`,
    `  media    ${mediaSummary(server)}`,
    ...warnings.flatMap(warning => ['', `  ! ${warning}`]),
    '',
    '',
  ].join('\n');
}

/** The same for machines: a line each. */
function report(server: StartedServer, log: Logger): void {
  for (const warning of server.warnings) log.warn({}, warning);
  const { pageUrl, webSocketUrl, configuration } = server;
  log.info({ version: VERSION, pageUrl, webSocketUrl, media: mediaSummary(server) }, 'Listening');
  log.debug({ configuration: printableConfiguration(configuration as Configuration) }, 'Configuration');
}

function mediaSummary({ mediaAddresses }: StartedServer): string {
  const ports = [...new Set(mediaAddresses.map(address => address.port))].sort((a, b) => a - b);
  const hosts = [...new Set(mediaAddresses.map(address => address.ip))];
  return `UDP ${ports.join(', ')} on ${hosts.join(', ')}`;
}
