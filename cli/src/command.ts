import type { ParseArgsOptionsConfig } from 'node:util';

/** Values as `parseArgs` gives them: options are strings or flags. */
export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** One verb of the command line. */
export interface Command {
  readonly summary: string; // one line of `aqlinks help`
  readonly help: string; // after `aqlinks VERB --help`
  readonly options: ParseArgsOptionsConfig;
  /** Resolves with the exit code. */
  run(args: Arguments): Promise<number>;
}

/** Exit codes: as the shell's own commands have them. */
export const EXIT = { fine: 0, failed: 1, usage: 2 } as const;

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {}

/** It could not be done; the message says why and what to do. */
export class CommandError extends Error {}

export const text = (value: string | boolean | undefined) => (typeof value === 'string' && value !== '' ? value : undefined);

export const print = (line: string) => process.stdout.write(`${line}\n`);
export const printJson = (value: unknown) => print(JSON.stringify(value, null, 2));
