import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import type { SecretReference } from '#core/settings/secret.ts';
import { resolveSettings, SettingsError } from '#core/settings/settings.ts';
import { type ControlPlaneSettings, SETTINGS } from './settings.ts';

/** Where the settings come from. */
export interface SettingsSources {
  /** By key; see core/settings/options.ts. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The YAML file; undefined for none. */
  readonly file: string | undefined;
}

/**
 * The settings: flags, then SWORN_* variables, then the YAML file, then defaults; secrets are read.
 * Throws SettingsError with everything that is wrong.
 */
export async function loadSettings(sources: SettingsSources): Promise<ControlPlaneSettings> {
  const { flags, env, file } = sources;
  const values =
    file === undefined
      ? resolveSettings(SETTINGS, { flags, env, file: undefined })
      : resolveSettings(SETTINGS, { flags, env, file: await readYaml(file), fileName: file });
  const settings = { ...values, mongodbUri: await readSecret('mongodbUri', values.mongodbUri, env) };
  const faults = [...checkMongodbUri(settings), ...checkIssuer(settings), ...checkTransport(settings)];
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(path, 'utf8'));
  } catch (error) {
    throw new SettingsError([
      `--config ${path}: cannot be read: ${error instanceof Error ? error.message : error}`,
    ]);
  }
}

async function readSecret(
  key: string,
  reference: SecretReference,
  env: SettingsSources['env'],
): Promise<string> {
  switch (reference.from) {
    case 'literal':
      return reference.value;
    case 'env': {
      const value = env[reference.name];
      if (value) return value;
      throw new SettingsError([`${key}: env://${reference.name}: the variable is not set`]);
    }
    case 'file': {
      const text = await readFile(reference.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new SettingsError([`${key}: file://${reference.path}: cannot be read (${error.code})`]);
      });
      if (text.trim() !== '') return text.trim();
      throw new SettingsError([`${key}: file://${reference.path}: is empty`]);
    }
  }
}

function checkMongodbUri({ mongodbUri }: ControlPlaneSettings): string[] {
  if (/^mongodb(\+srv)?:\/\/./.test(mongodbUri)) return [];
  return [
    'mongodbUri: the value is no MongoDB connection string; it begins with mongodb:// or mongodb+srv://',
  ];
}

/** HTTPS, or HTTP on loopback: whoever can change what the provider publishes can be anybody here. */
function checkIssuer({ issuer }: ControlPlaneSettings): string[] {
  if (issuer === undefined) return [];
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isGood = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return isGood ? [] : [`issuer: "${issuer}" is neither an https URL nor an http one on loopback`];
}

function checkTransport(settings: ControlPlaneSettings): string[] {
  const { tlsCert, tlsKey, allowPlaintext, listen } = settings;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    return ['tlsCert and tlsKey: one is of no use without the other'];
  if (tlsCert !== undefined || allowPlaintext || isLoopback(listen.host)) return [];
  return [
    `listen: ${listen.host} is not loopback, and tokens would cross the network in the clear; set tlsCert and tlsKey, ` +
      'or --allow-plaintext where a proxy before this does TLS',
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
