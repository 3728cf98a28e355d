// node generate-token.js alice meeting-room-1 host
//
// Prints a token (HS256) that is valid for 24 hours, and nothing else on stdout: TOKEN=$(node generate-token.js alice room-1 host)
// Needs nothing installed. It signs with the secret that the server in this folder uses: JWT_SECRET of the environment or of
// .env, else the one that a server in development keeps in its data folder. `aqlinks token` does the same with more options.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const LIFETIME = 24 * 3600; // seconds
const BOUNDS = { user_id: 256, room: 128, user_type: 64 }; // characters, as the server has them

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** @param {string} file @returns {string | undefined} */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    return fail(`${file} cannot be read: ${error.message}`);
  }
}

function findSecret() {
  const settings = { ...parseEnv(readIfThere('.env') ?? ''), ...process.env };
  if (settings.JWT_SECRET) return settings.JWT_SECRET;
  const kept =
    settings.ENVIRONMENT === 'production' ? undefined : readIfThere(join(settings.DATA_DIR || 'data', 'jwt-secret'))?.trim();
  return (
    kept ||
    fail('There is no secret to sign with. Set JWT_SECRET in the environment or in .env, or start the server once: it makes one.')
  );
}

/** @param {Record<string, string | number>} claims @param {string} secret */
function sign(claims, secret) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`; // RFC 7515 A.1
}

const [user_id, room, user_type, ...rest] = process.argv.slice(2);
if (user_id === undefined || user_id.startsWith('-') || rest.length > 0) {
  fail('Usage: node generate-token.js USER_ID [ROOM] [ROLE]\nFor instance: node generate-token.js alice meeting-room-1 host');
}
const identity = Object.fromEntries(Object.entries({ user_id, room, user_type }).filter(([, value]) => value !== undefined));
for (const [claim, value] of Object.entries(identity)) {
  if (value === '' || value.length > BOUNDS[claim] || /\p{Cc}/u.test(value)) {
    fail(`${claim} must have 1 to ${BOUNDS[claim]} characters and no control characters.`);
  }
}
const now = Math.floor(Date.now() / 1000);
process.stdout.write(`${sign({ ...identity, iat: now, exp: now + LIFETIME }, findSecret())}\n`);
