import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Tls } from '../../program/transport.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const LIFETIME_MS = 60 * 60 * 1000;

/** A certificate authority of its own. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** For loopback, or for another host alone. */
  issueServer(host?: string): Promise<Tls>;
  issueClient(name: string): Promise<Tls>;
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
const times = () => ({
  notBefore: new Date(Date.now() - LIFETIME_MS),
  notAfter: new Date(Date.now() + LIFETIME_MS),
});

/** An authority that nobody trusts yet. */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    ...times(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const issue = async (subject: string, extensions: Extension[]) => {
    const own = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${subject}`,
      issuer: root.subject,
      ...times(),
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions,
    });
    return toPem(certificate, own.privateKey);
  };
  return {
    certificate: root.toString('pem'),
    issueServer: (host) =>
      issue('server', [
        new SubjectAlternativeNameExtension(
          host === undefined
            ? [
                { type: 'ip', value: '127.0.0.1' },
                { type: 'dns', value: 'localhost' },
              ]
            : [{ type: 'dns', value: host }],
        ),
      ]),
    issueClient: (client) => issue(client, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]),
  };
}

async function toPem(certificate: X509Certificate, privateKey: webcrypto.CryptoKey): Promise<Tls> {
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g)?.join('\n');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}
