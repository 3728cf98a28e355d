import { join } from 'node:path';
import { keptSecret } from './kept-secret.ts';
import type { Configuration } from './keys.ts';
import { ConfigurationError } from './load.ts';
import { MASTER_KEY_BYTES, readMasterKey } from './store-values.ts';

/** Where development keeps the master key that it made. */
export const masterKeyFile = (dataDir: string) => join(dataDir, 'master-key');

/** What secrets in the store are encrypted with; undefined: production without one, which stores none. Throws `ConfigurationError`. */
export function resolveMasterKey({ masterKey, environment, dataDir }: Configuration): Uint8Array | undefined {
  if (masterKey !== undefined) return masterKey;
  if (environment === 'production') return undefined;
  const file = masterKeyFile(dataDir);
  const key = readMasterKey(keptSecret(file, MASTER_KEY_BYTES, 'MASTER_KEY').value);
  if (key !== undefined) return key;
  throw new ConfigurationError([
    `The file ${file} holds no master key of ${MASTER_KEY_BYTES} bytes. Put back the one that was there: without it the stored API keys are lost.`,
  ]);
}
