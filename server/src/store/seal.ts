import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM (NIST SP 800-38D): 96 bits of random nonce, 128 bits of tag. */
const NONCE = 12;
const TAG = 16;
const VERSION = 'v1';
export const MASTER_KEY_BYTES = 32;

/** What was sealed with another master key, moved to another row, or changed. */
export class SealBroken extends Error {
  constructor() {
    super('A stored secret does not open: it was sealed with another MASTER_KEY, or changed.');
    this.name = 'SealBroken';
  }
}

/** Encrypts what the database must not know. `place` says what it is and whose: in another place it does not open. */
export interface Seal {
  close(place: string, secret: string): string;
  /** Throws `SealBroken`. */
  open(place: string, sealed: string): string;
}

export function createSeal(masterKey: Uint8Array): Seal {
  return {
    close(place, secret) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(place));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${VERSION}.${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(place, sealed) {
      const [version, encoded = ''] = sealed.split('.');
      const bytes = Buffer.from(encoded, 'base64url');
      if (version !== VERSION || bytes.length < NONCE + TAG) throw new SealBroken();
      try {
        const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE), { authTagLength: TAG });
        decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8');
      } catch {
        throw new SealBroken();
      }
    },
  };
}
