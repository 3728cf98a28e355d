import * as z from 'zod';

/** Values that hold secrets: what is wrong with them is said without quoting them. */

export interface ApiKey {
  readonly id: string;
  readonly secret: string;
}

const API_KEY = /^([A-Za-z0-9._-]{1,128}):(\S{1,512})$/;

/** `id:secret`, separated by commas or spaces. */
export const apiKeys = z.union([z.string(), z.array(z.string()).readonly()]).transform((value, context): readonly ApiKey[] => {
  const items = (typeof value === 'string' ? value.split(/[\s,]+/) : [...value]).filter(item => item !== '');
  const keys = items.map((item, index) => {
    const [, id, secret] = API_KEY.exec(item) ?? [];
    if (id === undefined || secret === undefined) {
      context.addIssue(`the key number ${index + 1} must be id:secret, its id of letters, digits, dots, hyphens and underscores`);
      return z.NEVER;
    }
    return { id, secret };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length) context.addIssue('two keys have the same id');
  return Object.freeze(keys);
});

/** An address with a scheme that pg knows. */
export const postgresUrl = z.string().transform((value, context) => {
  if (/^postgres(ql)?:\/\/\S+$/.test(value.trim())) return value.trim();
  context.addIssue('must be an address such as postgres://USER:PASSWORD@HOST:5432/DATABASE');
  return z.NEVER;
});

export const masterKey = z
  .union([z.string(), z.custom<Uint8Array>(value => value instanceof Uint8Array)])
  .transform((value, context): Uint8Array => {
    const key = typeof value === 'string' ? readMasterKey(value.trim()) : value;
    if (key?.length === MASTER_KEY_BYTES) return key;
    context.addIssue(
      `must be ${MASTER_KEY_BYTES} bytes in base64url. Make one with: node -p "crypto.randomBytes(32).toString('base64url')"`,
    );
    return z.NEVER;
  });

export const MASTER_KEY_BYTES = 32; // of AES-256

/** The bytes of a master key; undefined: it is none. */
export function readMasterKey(text: string): Uint8Array | undefined {
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined; // base64 of 32 bytes, of either alphabet
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === MASTER_KEY_BYTES ? bytes : undefined;
}
