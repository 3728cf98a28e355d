import { config } from 'zod';

// Zod compiles its parsers with `new Function` where it may, and probes whether it may: under a strict content security
// policy the probe alone is reported as a violation. Imported before every schema, since the probe runs when one is made.
if ('document' in globalThis) config({ jitless: true });
