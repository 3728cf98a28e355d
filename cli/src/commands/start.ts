import type { Command } from '../command.ts';
import { SETTING_HELP, SETTING_OPTIONS, settingsOf } from '../settings.ts';

export const start: Command = {
  summary: 'serve calls until it is told to end',
  help: `aqlinks start [OPTIONS]

Serves the page, the WebSocket and the media. Ends in order on SIGTERM or Ctrl+C; a second one ends it at once.

Every setting is an environment variable, a line of the file .env, or an option that wins over both:
${SETTING_HELP}
JWT_SECRET is no option: whoever may list processes could read it. Set it in the environment or in .env.

Examples:
  aqlinks start
  aqlinks start --server-addr :9000 --log-level debug
  ENVIRONMENT=production MEDIA_ADDRESS=203.0.113.7 aqlinks start`,
  options: SETTING_OPTIONS,
  async run(args) {
    const { runServer } = await import('@aqlinks/server'); // it is slow to load, and the other verbs do without
    return runServer(settingsOf(args));
  },
};
