import { isSafeUrl } from '#core/endpoint/read.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { readSecret, readSettings, type SettingsSources } from '../../program/settings.ts';
import { checkTransport, readTls } from '../../program/transport.ts';
import { type ControlPlaneSettings, SETTINGS } from './settings.ts';

/** The control plane's settings, with secrets and files read. Throws SettingsError with everything that is wrong. */
export async function loadSettings(sources: SettingsSources): Promise<ControlPlaneSettings> {
  const values = await readSettings(SETTINGS, sources);
  const { tlsCert, tlsKey, ...rest } = values;
  const mongodbUri = await readSecret('mongodbUri', values.mongodbUri, sources.env);
  const faults = [...checkMongodbUri(mongodbUri), ...checkIssuer(values.issuer), ...checkTransport(values)];
  if (faults.length > 0) throw new SettingsError(faults);
  return { ...rest, mongodbUri, tls: await readTls(values) };
}

function checkMongodbUri(mongodbUri: string): string[] {
  if (/^mongodb(\+srv)?:\/\/./.test(mongodbUri)) return [];
  return [
    'mongodbUri: the value is no MongoDB connection string; it begins with mongodb:// or mongodb+srv://',
  ];
}

/** Whoever can change what the provider publishes can be anybody here. */
function checkIssuer(issuer: string | undefined): string[] {
  if (issuer === undefined || (URL.canParse(issuer) && isSafeUrl(new URL(issuer)))) return [];
  return [`issuer: "${issuer}" is neither an https URL nor an http one on loopback`];
}
