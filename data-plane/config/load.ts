import { isSafeUrl, readEndpoint } from '#core/endpoint/read.ts';
import type { ValuesOf } from '#core/settings/settings.ts';
import {
  readCertificateSetting,
  readSecret,
  readSettings,
  type SettingsSources,
} from '../../program/settings.ts';
import { readTls } from '../../program/transport.ts';
import { defaultBudget, leastBudget } from '../budget/default.ts';
import { isEnrolled } from '../control/identity.ts';
import { type DataPlaneSettings, SETTINGS } from './settings.ts';

/**
 * The plane's settings, with secrets and files read; the join token only by a plane that has yet to join, since what
 * held it is often gone by the next start. Throws SettingsError with everything that is wrong.
 */
export async function loadSettings(sources: SettingsSources): Promise<DataPlaneSettings> {
  const reading = await readSettings(SETTINGS, sources);
  const { values } = reading;
  const tls = await readTls(reading);
  reading.add(
    ...checkWay('controlPlane', values.controlPlane, values.allowPlaintext),
    ...checkWay('externalDetector', values.externalDetector, values.allowPlaintext),
    ...checkClientCa(values),
    ...(values.publicUrl ?? []).flatMap(checkPublicUrl),
    ...checkLabels(values.labels ?? []),
    ...checkBudget(values),
  );
  const certificates = (key: 'tlsClientCa' | 'controlPlaneCa') =>
    reading.attempt(readCertificateSetting(key, values[key]));
  const files = {
    tls,
    tlsClientCa: await certificates('tlsClientCa'),
    controlPlaneCa: await certificates('controlPlaneCa'),
    joinToken: await reading.attempt(readJoinToken(values, sources.env)),
  };
  const { tlsCert, tlsKey, ...rest } = reading.finish();
  return {
    ...rest,
    ...files,
    bodyBudget: rest.bodyBudget ?? defaultBudget(rest.maxBody),
    labels: Object.fromEntries(rest.labels.map(splitLabel)),
    publicUrl: rest.publicUrl.map((url) => url.replace(/\/$/, '')),
  };
}

type Given = Partial<ValuesOf<typeof SETTINGS>>;

async function readJoinToken(
  { joinToken, stateDirectory }: Given,
  env: SettingsSources['env'],
): Promise<string | undefined> {
  if (joinToken === undefined || stateDirectory === undefined || (await isEnrolled(stateDirectory)))
    return undefined;
  return readSecret('joinToken', joinToken, env);
}

function checkClientCa({ tlsClientCa, tlsCert }: Given): string[] {
  if (tlsClientCa === undefined || tlsCert !== undefined) return [];
  return ['tlsClientCa: a client certificate comes with TLS only; set tlsCert and tlsKey'];
}

/** A body of the largest size has to go through where nothing else is under way. */
function checkBudget({ bodyBudget, maxBody }: Given): string[] {
  if (bodyBudget === undefined || maxBody === undefined) return [];
  const least = leastBudget(maxBody);
  if (bodyBudget >= least) return [];
  return [`bodyBudget: ${bodyBudget} is less than four times maxBody, ${least}`];
}

/** Plain HTTP may be what a proxy that does TLS elsewhere is reached by; the port that is not named is the scheme's. */
function checkPublicUrl(text: string): string[] {
  const endpoint = readEndpoint(text, { plaintext: true });
  return 'fault' in endpoint ? [`publicUrl: ${text} ${endpoint.fault}`] : [];
}

function splitLabel(label: string): [name: string, value: string] {
  const at = label.indexOf('=');
  return [label.slice(0, at), label.slice(at + 1)];
}

/** A policy may deny by a label: one that is written wrong must not count as absent. */
function checkLabels(labels: readonly string[]): string[] {
  const names = labels.map((label) => splitLabel(label)[0]);
  return labels.flatMap((label, i) => {
    if (!/^[a-zA-Z][\w.-]{0,62}=[^=]{1,200}$/.test(label)) return [`labels: ${label} is no name=value`];
    return names.indexOf(names[i] ?? '') === i ? [] : [`labels: ${names[i]} stands there twice`];
  });
}

/** Snapshots carry the providers' credentials, records the prompts, and the detector sees all texts. */
function checkWay(key: string, url: URL | undefined, allowPlaintext: boolean | undefined): string[] {
  if (url === undefined || isSafeUrl(url) || allowPlaintext !== false) return [];
  return [
    `${key}: ${url.href} is neither https nor on loopback, so credentials and prompts would cross the network ` +
      'in the clear; use https, or --allow-plaintext where something else encrypts the way',
  ];
}
