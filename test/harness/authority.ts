import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority of one test's own, and what it signed for a server at 127.0.0.1; files of PEM. */
export interface TestAuthority {
  readonly ca: string;
  readonly tls: { readonly certificate: string; readonly key: string };
  remove(): void;
}

export function makeAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-authority-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-subj', '/CN=test authority', '-days', '2', '-keyout', at('ca.key'), '-out', at('ca.pem')];
  openssl('req', '-x509', ...fresh, ...authority);
  const server = ['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1'];
  openssl('req', ...fresh, ...server, '-keyout', at('key.pem'), '-out', at('request.pem'));
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '2', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', at('request.pem'), ...signer, '-out', at('certificate.pem'));
  return {
    ca: at('ca.pem'),
    tls: { certificate: at('certificate.pem'), key: at('key.pem') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
