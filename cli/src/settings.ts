import type { ParseArgsOptionsConfig } from 'node:util';
import { describeConfiguration, type Options } from '@aqlinks/server/settings';
import { type Arguments, text } from './command.ts';

/** Every setting is an option, but secrets: what stands on a command line, everyone on the machine can read. */
const SETTINGS = describeConfiguration().filter(setting => !setting.secret);

const flagOf = (name: string) => name.toLowerCase().replaceAll('_', '-');

export const SETTING_OPTIONS: ParseArgsOptionsConfig = Object.fromEntries(
  SETTINGS.map(({ name }) => [flagOf(name), { type: 'string' }]),
);

export const SETTING_HELP: string = SETTINGS.map(({ name, default: fallback }) => {
  return `  ${`--${flagOf(name)} VALUE`.padEnd(36)}default: ${fallback}`;
}).join('\n');

/** Of a command line to those of the server. They win over the environment and `.env`. */
export function settingsOf({ values }: Arguments): Options {
  const given = SETTINGS.flatMap(({ name, option }) => {
    const value = text(values[flagOf(name)]);
    return value === undefined ? [] : [[option, value]];
  });
  return Object.fromEntries(given) as Options;
}
