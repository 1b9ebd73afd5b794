import { readFile } from 'node:fs/promises';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import type { SecretReference } from '#core/settings/secret.ts';
import {
  type Definitions,
  type Draft,
  draftSettings,
  SettingsError,
  type ValuesOf,
} from '#core/settings/settings.ts';
import { parseCertificates } from './certificates.ts';

/** Where the settings of a program come from. */
export interface SettingsSources {
  /** By key; see core/settings/options.ts. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The YAML file; undefined for none. */
  readonly file: string | undefined;
}

/** Settings while they are read and checked: what is wrong is gathered, so that it can be said all at once. */
class SettingsReading<D extends Definitions> {
  /** Without those that are wrong. */
  readonly values: Partial<ValuesOf<D>>;
  readonly #faults: string[];

  constructor({ values, faults }: Draft<D>) {
    this.values = values;
    this.#faults = [...faults];
  }

  add(...faults: readonly string[]): void {
    this.#faults.push(...faults);
  }

  /** What was read; undefined when that threw a SettingsError, whose faults are added. */
  async attempt<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      this.add(...error.faults);
      return undefined;
    }
  }

  /** All settings. Throws SettingsError with everything that is wrong. */
  finish(): ValuesOf<D> {
    if (this.#faults.length > 0) throw new SettingsError(this.#faults);
    return this.values as ValuesOf<D>;
  }
}

/**
 * The settings: flags, then SWORN_* variables, then the YAML file, then defaults.
 * Throws SettingsError when the file cannot be read: what it would have set is not known then.
 */
export async function readSettings<D extends Definitions>(
  definitions: D,
  { flags, env, file }: SettingsSources,
): Promise<SettingsReading<D>> {
  const sources = file === undefined ? { file } : { file: await readYaml(file), fileName: file };
  return new SettingsReading(draftSettings(definitions, { flags, env, ...sources }));
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(path, 'utf8'));
  } catch (error) {
    throw new SettingsError([`--config ${path}: cannot be read: ${faultOf(error)}`]);
  }
}

/** Without what the file says, which a fault of the syntax quotes: it may be a password. */
function faultOf(error: unknown): string {
  if (error instanceof YAMLParseError) return error.message.split(':\n')[0] ?? '';
  return error instanceof Error && 'syscall' in error ? error.message : 'it is no YAML';
}

/** What a secret's reference stands for; undefined for none. Throws SettingsError, which never holds the secret. */
export async function readSecret(
  key: string,
  reference: SecretReference | undefined,
  env: SettingsSources['env'],
): Promise<string | undefined> {
  switch (reference?.from) {
    case undefined:
      return undefined;
    case 'literal':
      return reference.value;
    case 'env': {
      const value = env[reference.name];
      if (value) return value;
      throw new SettingsError([`${key}: env://${reference.name}: the variable is not set`]);
    }
    case 'file': {
      const text = await readFileSetting(key, reference.path);
      if (text.trim() !== '') return text.trim();
      throw new SettingsError([`${key}: file://${reference.path}: is empty`]);
    }
  }
}

/** The text of a file that a setting names. Throws SettingsError. */
export async function readFileSetting(key: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError([`${key}: ${path} cannot be read (${error.code})`]);
  });
}

/** The PEM text of a file of certificates; undefined for no file. Throws SettingsError, also when it has no certificate. */
export async function readCertificateSetting(
  key: string,
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const pem = await readFileSetting(key, path);
  try {
    parseCertificates(pem);
    return pem;
  } catch (error) {
    throw new SettingsError([`${key}: ${path} ${(error as Error).message}`]);
  }
}
