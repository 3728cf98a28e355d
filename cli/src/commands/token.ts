import { loadConfiguration, parseDuration, readEnvironment, resolveSecret, signToken } from '@aqlinks/server/settings';
import { type Arguments, type Command, CommandError, EXIT, print, printJson, text, UsageError } from '../command.ts';

export const token: Command = {
  summary: 'sign a token that lets its holder into a room',
  help: `aqlinks token --user ID [OPTIONS]

Signs with the JWT_SECRET of the server: that of the environment, of .env, or the one kept in the data folder.
Prints the token and nothing else.

  --user ID          who it is for: user_id; required
  --room NAME        the room; without one its holder chooses (?room=), else "default"
  --type ROLE        user_type: host, presenter, guest, viewer …; default: guest
  --name NAME        what others see; default: the user id
  --email ADDRESS
  --ttl DURATION     how long it is valid, such as 30m, 24h or 7d; default: 24h
  --json             print {"token", "expires_at"}

Examples:
  aqlinks token --user alice --room meeting-room-1 --type host
  TOKEN=$(aqlinks token --user bob --room meeting-room-1 --ttl 1h)`,
  options: {
    user: { type: 'string' },
    room: { type: 'string' },
    type: { type: 'string' },
    name: { type: 'string' },
    email: { type: 'string' },
    ttl: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(args) {
    const { value } = resolveSecret(loadConfiguration({}, readEnvironment(process.cwd(), process.env)));
    const signed = await sign(args, new TextEncoder().encode(value));
    if (args.values.json === true) printJson({ token: signed.token, expires_at: new Date(signed.expiresAt).toISOString() });
    else print(signed.token);
    return EXIT.fine;
  },
};

async function sign({ values }: Arguments, secret: Uint8Array) {
  const user = text(values.user);
  if (user === undefined) throw new UsageError('Say who it is for: --user ID.');
  const ttl = text(values.ttl) ?? '24h';
  const lifetime = parseDuration(ttl);
  if (lifetime === undefined || lifetime < 1_000)
    throw new UsageError(`--ttl ${ttl} is no duration of a second or more, such as 30m, 24h or 7d.`);
  const optional = Object.entries({ room: values.room, user_type: values.type, name: values.name, email: values.email });
  const claims = Object.fromEntries(optional.flatMap(([claim, value]) => (text(value) === undefined ? [] : [[claim, value]])));
  try {
    return await signToken({ user_id: user, ...claims }, { secret, lifetime, now: Date.now() });
  } catch {
    throw new CommandError('One of the values is too long or has control characters; a server would refuse the token.');
  }
}
