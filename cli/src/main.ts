#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { StartError, VERSION } from '@aqlinks/server';
import { type Command, CommandError, EXIT, print, UsageError } from './command.ts';
import { config } from './commands/config.ts';
import { doctor } from './commands/doctor.ts';
import { migrate } from './commands/migrate.ts';
import { rooms } from './commands/rooms.ts';
import { start } from './commands/start.ts';
import { token } from './commands/token.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map(Object.entries({ start, token, rooms, migrate, config, doctor }));

const HELP = `aqlinks ${VERSION}: a WebRTC SFU that anyone can run

Usage: aqlinks VERB [OPTIONS]

${[...COMMANDS].map(([verb, { summary }]) => `  ${verb.padEnd(8)} ${summary}`).join('\n')}

\`aqlinks VERB --help\` shows the options of a verb and examples.
Exit codes: 0 done, 1 failed, 2 not understood.`;

async function main([verb, ...rest]: readonly string[]): Promise<number> {
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    print(HELP);
    return verb === undefined ? EXIT.usage : EXIT.fine;
  }
  if (verb === '--version' || verb === '-v') {
    print(VERSION);
    return EXIT.fine;
  }
  const command = COMMANDS.get(verb);
  if (command === undefined)
    throw new UsageError(`There is no verb ${JSON.stringify(verb)}. There are ${[...COMMANDS.keys()].join(', ')}.`);
  const { values, positionals } = parse(command, rest);
  if (values.help === true) {
    print(command.help);
    return EXIT.fine;
  }
  return command.run({ values, positionals });
}

function parse(command: Command, args: readonly string[]) {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }) as {
      values: Record<string, string | boolean | undefined>;
      positionals: string[];
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`aqlinks: ${error.message} See aqlinks help.\n`);
    process.exitCode = EXIT.usage;
  } else if (error instanceof CommandError || error instanceof StartError) {
    process.stderr.write(`aqlinks: ${error.message}\n`);
    process.exitCode = EXIT.failed;
  } else {
    throw error;
  }
}
