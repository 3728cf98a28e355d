import { join } from 'node:path';
import { keptSecret } from './kept-secret.ts';
import type { Configuration } from './keys.ts';
import { ConfigurationError } from './load.ts';

/** The output of HMAC-SHA-256; RFC 7518 3.2 demands a key of at least that size. */
const STRONG_BYTES = 32;
const MIN_DISTINCT = 10; // characters; fewer is a keyboard pattern, whatever its length

/** Secrets that stand in tutorials, in examples and in this project's own past: whoever wants in tries these first. */
const WELL_KNOWN = [
  ...['tt55oo77', 'secret', 'mysecret', 'supersecret', 'topsecret', 'jwtsecret', 'secretkey', 'mysecretkey', 'supersecretkey'],
  ...[
    'yoursecret',
    'yoursecretkey',
    'yoursecretkeyhere',
    'yoursupersecretkey',
    'yourjwtsecret',
    'yourjwtsecretkey',
    'yourjwtsecrethere',
  ],
  ...[
    'changeme',
    'changethis',
    'changeit',
    'changemeinproduction',
    'changethisinproduction',
    'replaceme',
    'replacethis',
    'placeholder',
  ],
  ...['password', 'passw0rd', 'qwerty', 'letmein', 'admin', 'root', 'default', 'example', 'test', 'testing', 'testsecret', 'dev'],
  ...['devsecret', 'development', 'production', 'key', 'privatekey', 'signingkey', 'token', 'tokensecret', 'accesstokensecret'],
  ...[
    'shhhhh',
    'keyboardcat',
    'aqlinks',
    'aqlinkssecret',
    'devkey',
    'your256bitsecret',
    'a-string-secret-at-least-256-bits-long',
  ],
  ...['your-secret-key-change-this-in-production', 'your-super-secret-jwt-key-change-this-in-production', 'thisisasecret'],
];
const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
const WELL_KNOWN_PLAIN = new Set(WELL_KNOWN.map(plain));

/** Why nobody should sign with this, as the end of a sentence; undefined: it is fine. */
export function weakness(secret: string): string | undefined {
  if (isWellKnown(secret)) return 'is well known: it stands in examples, so anyone can sign tokens with it';
  const bytes = Buffer.byteLength(secret);
  if (bytes < STRONG_BYTES) return `has ${bytes} bytes; HS256 needs at least ${STRONG_BYTES} random ones`;
  if (new Set(secret).size < MIN_DISTINCT) return `has only ${new Set(secret).size} different characters`;
  return undefined;
}

/** Also with other case and punctuation, repeated, or with digits behind it: `Secret-123` is `secret`. */
function isWellKnown(secret: string): boolean {
  const text = plain(secret);
  const unit = /^(.+?)\1*$/.exec(text.slice(0, 256))?.[1] ?? text;
  return [text, unit, text.replace(/\d+$/, ''), unit.replace(/\d+$/, '')].some(form => WELL_KNOWN_PLAIN.has(form));
}

const HOW_TO = 'Make one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"';

export interface Secret {
  readonly value: string;
  readonly warnings: readonly string[]; // sentences for people
}

/** The secret that tokens are signed with, by the rules of the environment. Throws `ConfigurationError`. */
export function resolveSecret(configuration: Configuration): Secret {
  const given = configuration.jwtSecret;
  const production = configuration.environment === 'production';
  if (given === undefined) {
    if (production)
      throw new ConfigurationError([`JWT_SECRET: is missing, and production does not start without one. ${HOW_TO}`]);
    return kept(configuration.dataDir);
  }
  const problem = weakness(given);
  if (problem === undefined) return { value: given, warnings: [] };
  if (production) throw new ConfigurationError([`JWT_SECRET: ${problem}. Production does not start with it. ${HOW_TO}`]);
  return { value: given, warnings: [`JWT_SECRET ${problem}. Production will refuse it. ${HOW_TO}`] };
}

/** Where development keeps the secret that it made. */
export const secretFile = (dataDir: string) => join(dataDir, 'jwt-secret');

function kept(dataDir: string): Secret {
  const file = secretFile(dataDir);
  const { value, made } = keptSecret(file, STRONG_BYTES, 'JWT_SECRET');
  if (weakness(value) !== undefined) {
    throw new ConfigurationError([
      `The secret in ${file} ${weakness(value)}. Delete the file to have a new one made, or set JWT_SECRET.`,
    ]);
  }
  const warning = made
    ? `There is no JWT_SECRET: made one and kept it in ${file}. Set JWT_SECRET to the one that your backend signs with.`
    : `There is no JWT_SECRET: using the one kept in ${file}.`;
  return { value, warnings: [warning] };
}

/** What is wrong with the secrets of `API_KEYS`, in sentences: production throws them as a `ConfigurationError`. */
export function checkApiKeys({ apiKeys, environment }: Configuration): readonly string[] {
  const problems = apiKeys.flatMap(({ id, secret }) => {
    const problem = weakness(secret);
    return problem === undefined ? [] : [`API_KEYS: the secret of ${id} ${problem}.`];
  });
  if (problems.length > 0 && environment === 'production') throw new ConfigurationError([...problems, HOW_TO]);
  return problems.map(problem => `${problem} Production will refuse it. ${HOW_TO}`);
}
