import { configurationTable, loadConfiguration, printableConfiguration, readEnvironment } from '@aqlinks/server/settings';
import { type Command, EXIT, print, printJson } from '../command.ts';
import { SETTING_OPTIONS, settingsOf } from '../settings.ts';
import { table } from '../table.ts';

export const config: Command = {
  summary: 'show the settings that a start would use',
  help: `aqlinks config [OPTIONS]

Shows every setting as \`aqlinks start\` with the same options would use it, secrets masked.

  --json       as JSON
  --markdown   all settings with their defaults and meaning, for the documentation

Examples:
  aqlinks config
  aqlinks config --server-addr :9000 --json`,
  options: { ...SETTING_OPTIONS, json: { type: 'boolean' }, markdown: { type: 'boolean' } },
  async run(args) {
    if (args.values.markdown === true) {
      print(configurationTable());
      return EXIT.fine;
    }
    const settings = printableConfiguration(loadConfiguration(settingsOf(args), readEnvironment(process.cwd(), process.env)));
    if (args.values.json === true) printJson(settings);
    else print(table([['setting', 'value'], ...Object.entries(settings)]));
    return EXIT.fine;
  },
};
