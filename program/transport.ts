import { isLoopback } from '#core/endpoint/read.ts';
import type { ListenAddress } from '#core/settings/parse.ts';
import { readFileSetting } from './settings.ts';

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

/** What is wrong with the settings of a program's own address: tokens must not cross a network in the clear. */
export function checkTransport({ tlsCert, tlsKey, allowPlaintext, listen }: TransportSettings): string[] {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    return ['tlsCert and tlsKey: one is of no use without the other'];
  }
  if (tlsCert !== undefined || allowPlaintext || isLoopback(listen.host)) return [];
  return [
    `listen: ${listen.host} is not loopback, and tokens would cross the network in the clear; set tlsCert and tlsKey, ` +
      'or --allow-plaintext where a proxy before this does TLS',
  ];
}

/** The certificate and key, where the settings name them. Throws SettingsError. */
export async function readTls({ tlsCert, tlsKey }: TransportSettings): Promise<Tls | undefined> {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return { cert: await readFileSetting('tlsCert', tlsCert), key: await readFileSetting('tlsKey', tlsKey) };
}
