import { type Api, ApiError, ApiUnreachable, createApi } from '@aqlinks/backend';
import { loadConfiguration, readEnvironment, resolveSecret, signAdminToken } from '@aqlinks/server/settings';
import { CommandError } from './command.ts';
import type { Option } from './verb.ts';

/** Of every verb that talks to a running server. */
export const CONNECTION_OPTIONS: Readonly<Record<string, Option>> = {
  url: { value: 'ADDRESS', summary: 'of the server; default: AQLINKS_URL, else this machine with the port of SERVER_ADDR' },
  key: {
    value: 'ID:SECRET',
    summary:
      'the API key; default: AQLINKS_API_KEY (others on this machine cannot read that), else the JWT_SECRET of the server in this folder',
  },
  project: { value: 'NAME', summary: 'which project, for who administers the server without an API key; default: default' },
  json: { summary: 'print what the server answered, for programs' },
};

export interface Connection {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly project: string | undefined;
}

const LIFETIME = 60_000; // ms, of a token that this command signs for itself

/** The server that is meant, and what it is asked with. Throws `CommandError`. */
export async function connect(asked: Connection): Promise<Api> {
  const environment = readEnvironment(process.cwd(), process.env);
  const url = asked.url ?? (environment.AQLINKS_URL || localUrl());
  if (!URL.canParse(url)) throw new CommandError(`${url} is no address such as https://calls.example.com.`);
  const key = asked.key ?? (environment.AQLINKS_API_KEY || (await ownToken()));
  return createApi({ url, key, ...(asked.project !== undefined && { project: asked.project }) });
}

/** As the server in this folder would listen. */
function localUrl(): string {
  const { serverAddr, tlsCert } = settings();
  const { host = 'localhost', port } = serverAddr;
  return `${tlsCert === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whoever may read the secret of the server may administer it. */
async function ownToken(): Promise<string> {
  const secret = new TextEncoder().encode(resolveSecret(settings()).value);
  return (await signAdminToken({ user: 'aqlinks' }, { secret, lifetime: LIFETIME, now: Date.now() })).token;
}

const settings = () => loadConfiguration({}, readEnvironment(process.cwd(), process.env));

/** What a refusal means for who typed the command; undefined: it is none. */
export function explain(error: unknown): string | undefined {
  if (error instanceof ApiUnreachable) return `${error.message} Is aqlinks running? Name another server with --url.`;
  if (!(error instanceof ApiError)) return undefined;
  const details = error.errors?.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`).join('') ?? '';
  return `${error.message}${hint(error)}${details}`;
}

function hint({ status, retryAfter }: ApiError): string {
  if (status === 401) return ' Set AQLINKS_API_KEY=ID:SECRET, or say --key.';
  if (retryAfter !== undefined) return ` Try again in ${retryAfter} s.`;
  return '';
}
