import { loadConfiguration, readEnvironment } from '@aqlinks/server/settings';
import { type Command, EXIT, print, printJson, text, UsageError } from '../command.ts';
import { SETTING_OPTIONS, settingsOf } from '../settings.ts';
import { table } from '../table.ts';

export const migrate: Command = {
  summary: 'carry the embedded store over to PostgreSQL',
  help: `aqlinks migrate --to postgres://USER@HOST:5432/DATABASE [OPTIONS]

Copies all that the SQLite file in DATA_DIR holds into an empty PostgreSQL database: keys, rooms, roles, bans, revocations, the audit
log, webhooks. In one transaction: all of it or nothing, so that it may be done again whatever went wrong. The SQLite file stays as it
is. Stop the server before, and start it after with DATABASE_URL set to the new address, and with the same MASTER_KEY (in development:
the file master-key of DATA_DIR).

  --to ADDRESS      of the target; a password is better in PGPASSWORD, where the list of processes does not show it
  --data-dir PATH   where the embedded store is; default: DATA_DIR
  --json            print what was carried as JSON

Examples:
  aqlinks migrate --to postgres://aqlinks@db.example.com/aqlinks
  PGPASSWORD=… aqlinks migrate --to postgres://aqlinks@localhost/aqlinks --data-dir /var/lib/aqlinks`,
  options: { to: { type: 'string' }, 'data-dir': SETTING_OPTIONS['data-dir'] ?? { type: 'string' }, json: { type: 'boolean' } },
  async run(args) {
    const to = text(args.values.to);
    if (to === undefined) throw new UsageError('Say where to: --to postgres://USER@HOST:5432/DATABASE.');
    const { dataDir } = loadConfiguration(settingsOf(args), readEnvironment(process.cwd(), process.env));
    const { carryStore } = await import('@aqlinks/server'); // it is slow to load, and the other verbs do without
    const carried = await carryStore({ dataDir, to });
    if (args.values.json === true) {
      printJson(carried);
      return EXIT.fine;
    }
    print(table([['table', 'rows'], ...carried.map(({ table: name, rows }) => [name, String(rows)])]));
    print('\nAll of it is there. Start the server with DATABASE_URL set to that address, and with the same MASTER_KEY.');
    return EXIT.fine;
  },
};
