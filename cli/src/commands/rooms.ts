import { RoomList } from '@aqlinks/protocol';
import { loadConfiguration, readEnvironment } from '@aqlinks/server';
import { type Command, CommandError, EXIT, print, printJson, text } from '../command.ts';
import { table } from '../table.ts';

const TIMEOUT = 5_000; // ms

export const rooms: Command = {
  summary: 'list the rooms of a running server',
  help: `aqlinks rooms [OPTIONS]

  --url ADDRESS   of the server; default: http://localhost with the port of SERVER_ADDR
  --json          print what the server answered

Examples:
  aqlinks rooms
  aqlinks rooms --url https://calls.example.com --json`,
  options: { url: { type: 'string' }, json: { type: 'boolean' } },
  async run({ values }) {
    const list = await fetchRooms(text(values.url) ?? localUrl());
    if (values.json === true) {
      printJson(list);
      return EXIT.fine;
    }
    const rows = list.rooms.map(({ room_id, peer_count }) => [room_id, String(peer_count)]);
    print(rows.length === 0 ? 'There are no rooms.' : table([['room', 'participants'], ...rows]));
    return EXIT.fine;
  },
};

function localUrl(): string {
  const { serverAddr } = loadConfiguration({}, readEnvironment(process.cwd(), process.env));
  const { host = 'localhost', port } = serverAddr;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function fetchRooms(url: string): Promise<RoomList> {
  if (!URL.canParse('/rooms', url)) throw new CommandError(`${url} is no address such as http://localhost:8080.`);
  const address = new URL('/rooms', url);
  let answer: unknown;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT) });
    answer = await response.json();
  } catch (error) {
    throw new CommandError(`${address} does not answer: ${reasonOf(error)}. Is aqlinks running? Name another with --url.`);
  }
  const parsed = RoomList.safeParse(answer);
  if (!parsed.success) throw new CommandError(`${address} answers, but is no aqlinks.`);
  return parsed.data;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
