import type { OpenedKey } from '../store/keys.ts';

/** An API key that is valid now, from the store or the environment. */
export interface DirectoryKey {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly source: 'store' | 'environment';
  readonly secrets: readonly DirectorySecret[]; // the newest first
}

export interface DirectorySecret {
  readonly value: Uint8Array;
  readonly until: number | undefined; // ms since 1970; undefined: as long as the key is
}

const encode = (text: string) => new TextEncoder().encode(text);

export const storedKey = ({ id, project, name, secrets }: OpenedKey): DirectoryKey => ({
  ...{ id, project, name, source: 'store' },
  secrets: secrets.map(({ value, until }) => ({ value: encode(value), until })),
});

export interface EnvironmentKey {
  readonly id: string;
  readonly secret: string;
}

/** Of `API_KEYS`: neither rotated nor revoked while the server runs. */
export const environmentKey = (project: string, { id, secret }: EnvironmentKey): DirectoryKey => ({
  ...{ id, project, name: 'API_KEYS', source: 'environment' },
  secrets: [{ value: encode(secret), until: undefined }],
});
