import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { text, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, connect } from './connection.ts';
import type { Noun, Option, Verb } from './verb.ts';

/** Where only the noun is said, and it has this. */
const USUAL = 'list';

/** Everything that a verb takes; the connection to the server is the same for all. */
export const optionsOf = (verb: Verb): Readonly<Record<string, Option>> => ({ ...verb.options, ...CONNECTION_OPTIONS });

/** `aqlinks NAME …`; undefined: it asks for help, which is in `helpOf`. */
export async function runNoun(name: string, noun: Noun, args: readonly string[]): Promise<number | { readonly help: string }> {
  const [first, ...rest] = args;
  const verbName = first === undefined || first.startsWith('-') ? USUAL : first;
  if (first === '--help' || first === '-h' || first === 'help') return { help: nounHelp(name, noun) };
  if (first === undefined && !(USUAL in noun.verbs))
    throw new UsageError(`${name} needs a verb: ${Object.keys(noun.verbs).join(', ')}.`);
  const verb = Object.hasOwn(noun.verbs, verbName) ? noun.verbs[verbName] : undefined;
  if (verb === undefined) {
    throw new UsageError(
      `There is no verb ${JSON.stringify(verbName)} of ${name}. There are ${Object.keys(noun.verbs).join(', ')}.`,
    );
  }
  const { values, positionals } = parse(verb, verbName === first ? rest : args);
  if (values.help === true) return { help: verbHelp(name, verbName, verb) };
  const wanted = verb.args ?? [];
  if (positionals.length !== wanted.length) throw new UsageError(`It is: ${usage(name, verbName, verb)}.`);
  const option = (each: string) => text(values[each]);
  return verb.run({
    api: await connect({ url: option('url'), key: option('key'), project: option('project') }),
    json: values.json === true,
    arg: each => positionals[wanted.indexOf(each)] ?? '',
    option: each => (values[each] === true ? 'on' : option(each)),
  });
}

function parse(verb: Verb, args: readonly string[]) {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { value }] of Object.entries(optionsOf(verb)))
    options[name] = { type: value === undefined ? 'boolean' : 'string' };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true }) as {
      values: Record<string, string | boolean | undefined>;
      positionals: string[];
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

const usage = (name: string, verbName: string, verb: Verb) =>
  ['aqlinks', name, verbName, ...(verb.args ?? []), '[OPTIONS]'].join(' ');

function nounHelp(name: string, { summary, verbs }: Noun): string {
  const rows = Object.entries(verbs).map(([verb, { args = [], summary: what }]) => [[verb, ...args].join(' '), what] as const);
  return `aqlinks ${name} VERB [OPTIONS]: ${summary}

${columns(rows)}

${USUAL in verbs ? `Without a verb it is \`${USUAL}\`. ` : ''}\`aqlinks ${name} VERB --help\` shows the options of a verb.`;
}

function verbHelp(name: string, verbName: string, verb: Verb): string {
  const rows = Object.entries(optionsOf(verb)).map(([option, { value, summary }]) => {
    return [`--${option}${value === undefined ? '' : ` ${value}`}`, summary] as const;
  });
  const examples =
    verb.examples === undefined ? '' : `\n\nExamples:\n${verb.examples.map(each => `  aqlinks ${each}`).join('\n')}`;
  return `${usage(name, verbName, verb)}\n\n${verb.summary[0]?.toUpperCase()}${verb.summary.slice(1)}.\n\n${columns(rows)}${examples}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`).join('\n');
}
