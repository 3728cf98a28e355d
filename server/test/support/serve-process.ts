import { InMemoryMediaPlane } from '../../src/media/in-memory.ts';
import { startServer } from '../../src/start-server.ts';

/** A server as a process of its own, to be killed: its options as JSON in the first argument, its origin as a line on stdout. */
const options = JSON.parse(process.argv[2] ?? '{}');
const server = await startServer(
  { serverAddr: '127.0.0.1:0', logLevel: 'warn', ...options },
  {
    environment: {},
    plane: new InMemoryMediaPlane(),
    webRoot: new URL('page/', import.meta.url).pathname,
    pace: { beat: 50, patience: 300 },
  },
);
process.stdout.write(`${JSON.stringify({ origin: server.origin })}\n`);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
