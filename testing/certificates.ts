import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  /** Path of the certificate of the certificate authority (CA). */
  ca: string;
  /** Path of the server's certificate, which the CA has signed. */
  cert: string;
  /** Path of the server's private key. */
  key: string;
}

/** Makes a certificate authority, and a certificate for a server at 127.0.0.1. All files are in the folder `dir`. */
export function makeCertificates(dir: string): Certificates {
  const file = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = (name: string) => openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file(name));
  newKey('ca.key');
  openssl('req', '-x509', '-new', '-key', file('ca.key'), '-subj', '/CN=Test CA', '-days', '2', '-out', file('ca.crt'));
  newKey('server.key');
  openssl('req', '-new', '-key', file('server.key'), '-subj', '/CN=redis', '-out', file('server.csr'));
  writeFileSync(file('server.ext'), 'subjectAltName = IP:127.0.0.1, DNS:localhost\n');
  const signed = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('server.ext')];
  openssl('x509', '-req', '-in', file('server.csr'), ...signed, '-days', '2', '-out', file('server.crt'));
  return { ca: file('ca.crt'), cert: file('server.crt'), key: file('server.key') };
}
