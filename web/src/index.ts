import { fileURLToPath } from 'node:url';

/** The folder of the built pages (`npm run build`), to be served under `/aq_server/`. Absent until they are built. */
export const webRoot: string = fileURLToPath(new URL('../dist/', import.meta.url));
