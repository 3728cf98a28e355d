import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: string;
  readonly pretty: boolean; // one readable line instead of one JSON object
  readonly destination: DestinationStream;
}

/**
 * Levels: `error` a bug or a lost worker, somebody must look; `warn` it runs, but not as it should; `info` the life of the
 * server and of its participants; `debug` every request and message; `trace` what only its author understands.
 * Nothing of a token, a secret or an address's query is ever passed to it; participants appear by their random id.
 */
export function createLog({ level, pretty, destination }: LogOptions): Logger {
  return pino({ level, base: null }, pretty ? prettyStream(destination) : destination);
}

const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info ', 40: 'WARN ', 50: 'ERROR', 60: 'FATAL' };

function prettyStream(destination: DestinationStream): DestinationStream {
  return {
    write(line) {
      const { level, time, msg, ...fields } = JSON.parse(line) as { level: number; time: number; msg?: string };
      const clock = new Date(time).toTimeString().slice(0, 8);
      const rest = Object.entries(fields).map(([name, value]) => stackOf(value) ?? ` ${name}=${show(value)}`);
      destination.write(`${clock} ${LEVELS[level] ?? level} ${msg ?? ''}${rest.join('')}\n`);
    },
  };
}

/** As it is where it is one word, else quoted: what others name cannot look like a line of ours. */
const show = (value: unknown) => (typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value));

function stackOf(value: unknown): string | undefined {
  const stack = (value as { stack?: unknown } | null)?.stack;
  return typeof stack === 'string' ? `\n${stack}` : undefined;
}
