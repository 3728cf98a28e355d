import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigurationError } from './load.ts';

export interface KeptSecret {
  readonly value: string;
  readonly made: boolean; // just now
}

/** The secret in a file; made, of so many random bytes in base64url, where there is none. Throws `ConfigurationError` naming the setting. */
export function keptSecret(file: string, bytes: number, setting: string): KeptSecret {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const value = randomBytes(bytes).toString('base64url');
    writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' }); // `wx`: whoever comes second reads the first one's
    return { value, made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotKeep(file, setting, error);
  }
  try {
    return { value: readFileSync(file, 'utf8').trim(), made: false };
  } catch (error) {
    throw cannotKeep(file, setting, error);
  }
}

const cannotKeep = (file: string, setting: string, error: unknown) =>
  new ConfigurationError([
    `The secret cannot be kept in ${file}: ${(error as Error).message}. Set ${setting}, or DATA_DIR to a folder that can be written.`,
  ]);
