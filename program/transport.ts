import { createPrivateKey } from 'node:crypto';
import { isLoopback } from '#core/endpoint/read.ts';
import type { ListenAddress } from '#core/settings/parse.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { parseCertificates } from './certificates.ts';
import { readCertificateSetting, readFileSetting } from './settings.ts';

/** What decides whether a program speaks TLS. */
interface TransportSettings {
  readonly listen: ListenAddress;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly allowPlaintext: boolean;
}

/** PEM texts. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** Where the settings are read of which those of TLS are some. */
interface Reading {
  readonly values: Partial<TransportSettings>;
  add(...faults: readonly string[]): void;
  attempt<T>(reading: Promise<T>): Promise<T | undefined>;
}

/** The certificate and key of a program's own address, where its settings name them; what is wrong with them is added. */
export async function readTls(reading: Reading): Promise<Tls | undefined> {
  const { tlsCert, tlsKey } = reading.values;
  reading.add(...checkTransport(reading.values));
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const cert = await reading.attempt(readCertificateSetting('tlsCert', tlsCert));
  const key = await reading.attempt(readKey(tlsKey));
  if (cert === undefined || key === undefined) return undefined;
  if (!parseCertificates(cert)[0].checkPrivateKey(createPrivateKey(key))) {
    reading.add(`tlsKey: ${tlsKey} is not the key of the first certificate of tlsCert`);
  }
  return { cert, key };
}

/** Tokens must not cross a network in the clear. */
function checkTransport({ tlsCert, tlsKey, allowPlaintext, listen }: Partial<TransportSettings>): string[] {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    return ['tlsCert and tlsKey: one is of no use without the other'];
  }
  const isPlain = tlsCert === undefined && allowPlaintext === false;
  if (!isPlain || listen === undefined || isLoopback(listen.host)) return [];
  return [
    `listen: ${listen.host} is not loopback, and tokens would cross the network in the clear; set tlsCert and tlsKey, ` +
      'or --allow-plaintext where a proxy before this does TLS',
  ];
}

/** The PEM text. Throws SettingsError. */
async function readKey(path: string): Promise<string> {
  const pem = await readFileSetting('tlsKey', path);
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    // The parser's words may quote the key.
    throw new SettingsError([`tlsKey: ${path} has no private key in PEM that opens without a passphrase`]);
  }
}
