import { readFile } from 'node:fs/promises';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import type { SecretReference } from '#core/settings/secret.ts';
import { type Definitions, resolveSettings, SettingsError, type ValuesOf } from '#core/settings/settings.ts';

/** Where the settings of a program come from. */
export interface SettingsSources {
  /** By key; see core/settings/options.ts. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The YAML file; undefined for none. */
  readonly file: string | undefined;
}

/**
 * The settings: flags, then SWORN_* variables, then the YAML file, then defaults.
 * Throws SettingsError with everything that is wrong.
 */
export async function readSettings<D extends Definitions>(
  definitions: D,
  { flags, env, file }: SettingsSources,
): Promise<ValuesOf<D>> {
  if (file === undefined) return resolveSettings(definitions, { flags, env, file: undefined });
  return resolveSettings(definitions, { flags, env, file: await readYaml(file), fileName: file });
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

/** What a secret's reference stands for. Throws SettingsError, which never holds the secret. */
export async function readSecret(
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
