#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { StartError, VERSION } from '@aqlinks/server/settings';
import { type Command, CommandError, EXIT, print, UsageError } from './command.ts';
import { config } from './commands/config.ts';
import { doctor } from './commands/doctor.ts';
import { migrate } from './commands/migrate.ts';
import { start } from './commands/start.ts';
import { token } from './commands/token.ts';
import { completionScript, SHELLS } from './completion.ts';
import { explain } from './connection.ts';
import { runNoun } from './noun.ts';
import { audit } from './nouns/audit.ts';
import { keys } from './nouns/keys.ts';
import { participants } from './nouns/participants.ts';
import { projects } from './nouns/projects.ts';
import { rooms } from './nouns/rooms.ts';
import { tokens } from './nouns/tokens.ts';
import { webhooks } from './nouns/webhooks.ts';
import type { Noun } from './verb.ts';

/** What works in this folder. */
const COMMANDS: ReadonlyMap<string, Command> = new Map(Object.entries({ start, token, migrate, config, doctor }));

/** What asks a running server. */
const NOUNS: ReadonlyMap<string, Noun> = new Map(
  Object.entries({ rooms, participants, tokens, keys, projects, webhooks, audit }),
);

const rows = (parts: ReadonlyMap<string, { readonly summary: string }>) =>
  [...parts].map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`).join('\n');

const HELP = `aqlinks ${VERSION}: a WebRTC SFU that anyone can run

Usage: aqlinks VERB [OPTIONS], or aqlinks NOUN VERB [OPTIONS]

In this folder:
${rows(COMMANDS)}

Of a running server (AQLINKS_URL, AQLINKS_API_KEY=ID:SECRET; without them the one of this folder):
${rows(NOUNS)}

  completion   print what a shell needs to complete these words: aqlinks completion bash|zsh|fish

\`aqlinks VERB --help\` and \`aqlinks NOUN --help\` show more, with examples.
Exit codes: 0 done, 1 failed, 2 not understood.`;

async function main([verb, ...rest]: readonly string[]): Promise<number> {
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    print(HELP);
    return verb === undefined ? EXIT.usage : EXIT.fine;
  }
  if (verb === '--version' || verb === '-v') return said(VERSION);
  if (verb === 'completion') return said(completion(rest));
  const noun = NOUNS.get(verb);
  if (noun !== undefined) {
    const result = await runNoun(verb, noun, rest);
    return typeof result === 'number' ? result : said(result.help);
  }
  const command = COMMANDS.get(verb);
  if (command === undefined) {
    const all = [...COMMANDS.keys(), ...NOUNS.keys()].join(', ');
    throw new UsageError(`There is no verb ${JSON.stringify(verb)}. There are ${all}.`);
  }
  const { values, positionals } = parse(command, rest);
  return values.help === true ? said(command.help) : command.run({ values, positionals });
}

function said(text: string): number {
  print(text);
  return EXIT.fine;
}

function completion([name, ...more]: readonly string[]): string {
  const shell = SHELLS.find(each => each === name);
  if (shell === undefined || more.length > 0) throw new UsageError(`Say for which shell: ${SHELLS.join(', ')}.`);
  return completionScript(shell, { commands: COMMANDS, nouns: NOUNS });
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
  const refused = explain(error);
  if (error instanceof UsageError) {
    process.stderr.write(`aqlinks: ${error.message} See aqlinks help.\n`);
    process.exitCode = EXIT.usage;
  } else if (refused !== undefined || error instanceof CommandError || error instanceof StartError) {
    process.stderr.write(`aqlinks: ${refused ?? (error as Error).message}\n`);
    process.exitCode = EXIT.failed;
  } else {
    throw error;
  }
}
