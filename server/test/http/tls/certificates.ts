import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface TestCertificate {
  readonly cert: string; // paths
  readonly key: string;
  readonly pem: string;
}

/** A folder that goes with the test. */
export function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real certificate for localhost, by its common name told from others, signed with its own key. */
export function newCertificate(folder: string, name: string): TestCertificate {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', `/CN=${name}`];
  execFileSync('openssl', ['req', '-x509', ...made, '-addext', names, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { cert, key, pem: readFileSync(cert, 'utf8') };
}
