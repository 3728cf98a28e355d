import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Configuration, KEYS, type KeyName, type Options } from './keys.ts';
import { StartError } from './start-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used. One sentence a problem, none with the value of a secret in it. */
export class ConfigurationError extends StartError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** The file `.env` of a folder, under what the environment says itself. */
export function readEnvironment(directory: string, environment: Environment): Environment {
  let text: string;
  try {
    text = readFileSync(join(directory, '.env'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment;
    throw new ConfigurationError([`The file ${join(directory, '.env')} cannot be read: ${(error as Error).message}.`]);
  }
  return { ...parseEnv(text), ...environment };
}

/** Options win over the environment, the environment over the defaults; an empty text means the default. Throws `ConfigurationError`. */
export function loadConfiguration(options: Options, environment: Environment): Configuration {
  const problems: string[] = [];
  for (const name of Object.keys(options)) {
    if (!(name in KEYS)) problems.push(`There is no option ${JSON.stringify(name)}; there are ${Object.keys(KEYS).join(', ')}.`);
  }
  const settings: Partial<Record<KeyName, unknown>> = {};
  for (const [name, { name: variable, schema, default: fallback }] of entries()) {
    const given = options[name] ?? environment[variable];
    const value = given === undefined || given === '' ? fallback : given;
    if (value === undefined) {
      settings[name] = undefined;
      continue;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) settings[name] = parsed.data;
    else problems.push(...parsed.error.issues.map(issue => `${variable}: ${issue.message}.`));
  }
  if (problems.length === 0) problems.push(...crossCheck(settings as Configuration));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze(settings as Configuration);
}

const entries = () => Object.entries(KEYS) as [KeyName, (typeof KEYS)[KeyName]][];

function crossCheck(settings: Configuration): string[] {
  const problems: string[] = [];
  if (settings.keepalivePing >= settings.keepalivePong) {
    problems.push('KEEPALIVE_PING: must be shorter than KEEPALIVE_PONG, or nobody has the time to answer a ping.');
  }
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    problems.push('TLS_CERT and TLS_KEY: set both, or neither and let a reverse proxy speak TLS.');
  }
  if (settings.mediaPort !== 0 && settings.mediaPort + settings.mediaWorkers - 1 > 65_535) {
    problems.push('MEDIA_PORT: MEDIA_PORT + MEDIA_WORKERS - 1 must be at most 65535.');
  }
  if (settings.mediaAnnouncedPort + settings.mediaWorkers - 1 > 65_535) {
    problems.push('MEDIA_ANNOUNCED_PORT: MEDIA_ANNOUNCED_PORT + MEDIA_WORKERS - 1 must be at most 65535.');
  }
  if (settings.turnSecret === undefined && settings.turnUrls.some(url => url.startsWith('turn'))) {
    problems.push('TURN_SECRET: is missing; TURN servers of TURN_URLS let nobody in without credentials.');
  }
  return problems;
}
