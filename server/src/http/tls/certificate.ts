import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Configuration } from '../../config/keys.ts';
import { StartError } from '../../config/start-error.ts';

/** Paths of TLS_CERT and TLS_KEY. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that can be served: it fits its key. */
export interface Certificate {
  readonly cert: Buffer; // PEM, with the chain
  readonly key: Buffer; // PEM
  readonly expiresAt: number; // ms since 1970
  readonly names: string; // as the certificate has them
}

/** The one of the settings; undefined: there is none. Rejects with `StartError`. */
export async function configuredCertificate({ tlsCert, tlsKey }: Configuration): Promise<Certificate | undefined> {
  return tlsCert === undefined || tlsKey === undefined ? undefined : readCertificate({ cert: tlsCert, key: tlsKey });
}

/** Rejects with `StartError`, whose message names the setting and says what is wrong. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([read('TLS_CERT', files.cert), read('TLS_KEY', files.key)]);
  const x509 = attempt(() => new X509Certificate(cert), `TLS_CERT: ${files.cert} holds no certificate in PEM`);
  if (!x509.checkPrivateKey(privateKey(key, files.key))) {
    throw new StartError(`TLS_KEY: ${files.key} is not the key of the certificate in ${files.cert}.`);
  }
  attempt(() => createSecureContext({ cert, key }), `TLS_CERT: ${files.cert} cannot be served`); // its whole chain
  const names = x509.subjectAltName ?? x509.subject;
  return { cert, key, expiresAt: Date.parse(x509.validTo), names };
}

const privateKey = (key: Buffer, path: string): KeyObject =>
  attempt(() => createPrivateKey(key), `TLS_KEY: ${path} holds no private key in PEM without a passphrase`);

async function read(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new StartError(`${setting}: the file ${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

function attempt<T>(make: () => T, problem: string): T {
  try {
    return make();
  } catch (error) {
    throw new StartError(`${problem}: ${(error as Error).message}.`, { cause: error }); // OpenSSL's words quote nothing of a key
  }
}

const SOON = 14 * 86_400_000; // ms: what renews certificates does so long before

/** What its operator should know; undefined: nothing. */
export function expiryWarning({ expiresAt, names }: Certificate, now: number): string | undefined {
  if (expiresAt - now > SOON) return undefined;
  const when = new Date(expiresAt).toISOString();
  return `The certificate of TLS_CERT (${names}) ${expiresAt < now ? 'has expired' : 'expires'} on ${when}. Renew it.`;
}
