import type { Log } from '../../session.ts';
import { type Certificate, type CertificateFiles, expiryWarning, readCertificate } from './certificate.ts';

/** Milliseconds between two looks at the files. */
export const LOOK_EVERY = 5_000;

export interface RenewalOptions {
  readonly files: CertificateFiles;
  readonly current: Certificate;
  readonly every: number; // ms
  readonly renewed: (certificate: Certificate) => void;
  readonly log: Log;
}

/**
 * Looks at the files of a certificate again and again, and hands on what is new in them. What they hold is compared, not when
 * they changed: so it does not matter whether they are written over, renamed, or symbolic links are turned (certbot, Kubernetes), nor
 * on what file system. What cannot be used leaves the old one in place.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  readonly #timer: NodeJS.Timeout;
  #current: Certificate;
  #problem: string | undefined; // of the last look
  #told: string | undefined;
  #looking = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#current = options.current;
    this.#timer = setInterval(() => void this.#look(), options.every).unref();
  }

  get current(): Certificate {
    return this.#current;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return; // a slow disk
    this.#looking = true;
    try {
      const found = await readCertificate(this.#options.files);
      this.#problem = undefined;
      this.#told = undefined;
      if (!isSame(found, this.#current)) this.#take(found);
    } catch (error) {
      this.#complain((error as Error).message);
    } finally {
      this.#looking = false;
    }
  }

  #take(found: Certificate): void {
    const { log, renewed } = this.#options;
    renewed(found);
    this.#current = found;
    log.info({ names: found.names, expires: new Date(found.expiresAt).toISOString() }, 'Took the new certificate');
    const warning = expiryWarning(found, Date.now());
    if (warning !== undefined) log.warn({}, warning);
  }

  /** Once, and not at the first sight: one file is written before the other. */
  #complain(problem: string): void {
    if (problem === this.#problem && problem !== this.#told) {
      this.#told = problem;
      this.#options.log.warn({ problem }, 'The new certificate cannot be used; the old one stays');
    }
    this.#problem = problem;
  }
}

const isSame = (a: Certificate, b: Certificate) => a.cert.equals(b.cert) && a.key.equals(b.key);
