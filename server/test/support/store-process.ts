import { openStore } from '../../src/store/store.ts';

/** A process that opens a store and closes it again: `node store-process.ts DATA_DIR [DATABASE_URL]`. */
const [, , dataDir = '', databaseUrl] = process.argv;
const log = { info() {}, warn() {} };
const store = await openStore({ dataDir, databaseUrl, masterKey: undefined, log, now: Date.now });
process.stdout.write(`${(await store.projects.list()).length}\n`);
await store.close();
