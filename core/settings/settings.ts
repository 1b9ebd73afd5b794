import { camelToFlag, camelToVariable } from './names.ts';

/**
 * Settings that could not be used. `faults` has every fault at once, each saying which setting it is about, where its
 * value came from, what is wrong and what to write instead; never the value of a secret.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      faults.length === 1 ? `${faults[0]}` : `${faults.length} settings are wrong:\n  ${faults.join('\n  ')}`,
    );
    this.faults = faults;
  }
}

/** What a setting makes of a raw value: the typed value, or what is wrong with it (a sentence part after "is"). */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** One setting: how it is written and what it becomes. Its name is its key in the definitions. */
export interface Setting<T> {
  /** One line for `--help`. */
  readonly help: string;
  /** What stands for the value in `--help`, such as `host:port`. */
  readonly placeholder: string;
  /** Whether the flag may stand alone, meaning true. */
  readonly isSwitch: boolean;
  /** Whether the flag may be repeated. */
  readonly isList: boolean;
  /** Whether its value must never be shown. */
  readonly isSecret: boolean;
  /** Used when nothing sets it. */
  readonly fallback: T | undefined;
  /** How the fallback is shown in `--help`; empty when there is none. */
  readonly fallbackText: string;
  /** Whether something must set it. */
  readonly isRequired: boolean;
  /** Reads a flag's or variable's text, or a value of the YAML file. */
  parse(raw: unknown): Parsed<T>;
}

/** Settings by key (camelCase, which is the YAML key; the flag and the variable follow from it). */
export type Definitions = Readonly<Record<string, Setting<unknown>>>;

/** The typed values of definitions. */
export type ValuesOf<D extends Definitions> = {
  readonly [K in keyof D]: D[K] extends Setting<infer T> ? T : never;
};

/** Where values come from, strongest first. */
export interface Sources {
  /** By key (camelCase). */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** The process environment. An empty variable counts as unset. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed YAML file; undefined or null when there is none or it is empty. */
  readonly file: unknown;
  /** What to call the file in faults. */
  readonly fileName?: string;
}

/** What sources say: a value for each setting that is as it should be, and what is wrong with the others. */
export interface Draft<D extends Definitions> {
  readonly values: Partial<ValuesOf<D>>;
  readonly faults: readonly string[];
}

/** Resolves every setting, as `draftSettings` does. Throws SettingsError with all faults. */
export function resolveSettings<D extends Definitions>(definitions: D, sources: Sources): ValuesOf<D> {
  const { values, faults } = draftSettings(definitions, sources);
  if (faults.length > 0) throw new SettingsError(faults);
  return values as ValuesOf<D>;
}

/**
 * Resolves every setting: flag, else `SWORN_*` variable, else YAML file, else default. Faults are unreadable values, missing
 * required ones and unknown keys of the file.
 */
export function draftSettings<D extends Definitions>(definitions: D, sources: Sources): Draft<D> {
  const faults: string[] = [];
  const file = readFile(definitions, sources, faults);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(definitions)) {
    const found = findRaw(key, sources, file);
    if (found === undefined) {
      if (setting.isRequired) faults.push(missing(key, setting));
      else values[key] = setting.fallback;
      continue;
    }
    const parsed = setting.parse(found.raw);
    if ('fault' in parsed)
      faults.push(`${key} (from ${found.origin}): ${shown(setting, found.raw)} ${parsed.fault}`);
    else values[key] = parsed.value;
  }
  return { values: values as Partial<ValuesOf<D>>, faults };
}

function readFile(definitions: Definitions, sources: Sources, faults: string[]): Map<string, unknown> {
  const { file } = sources;
  const name = sources.fileName ?? 'the settings file';
  if (file === undefined || file === null) return new Map();
  if (typeof file !== 'object' || Array.isArray(file)) {
    faults.push(
      `${name}: is not a mapping of settings; write lines such as "${Object.keys(definitions)[0]}: …"`,
    );
    return new Map();
  }
  const entries = new Map<string, unknown>(Object.entries(file));
  for (const key of entries.keys()) {
    if (!Object.hasOwn(definitions, key)) {
      faults.push(`${name}: "${key}" is no setting; there are ${Object.keys(definitions).join(', ')}`);
    }
  }
  return entries;
}

function findRaw(
  key: string,
  sources: Sources,
  file: Map<string, unknown>,
): { raw: unknown; origin: string } | undefined {
  const flag = sources.flags[key];
  if (flag !== undefined) return { raw: flag, origin: camelToFlag(key) };
  const variable = camelToVariable(key);
  const text = sources.env[variable];
  if (text !== undefined && text !== '') return { raw: text, origin: variable };
  const value = file.get(key);
  if (value !== undefined && value !== null)
    return { raw: value, origin: sources.fileName ?? 'the settings file' };
  return undefined;
}

function missing(key: string, setting: Setting<unknown>): string {
  const flag = `${camelToFlag(key)} <${setting.placeholder}>`;
  return `${key}: is not set; give ${flag}, ${camelToVariable(key)}, or "${key}" in the settings file (${setting.help})`;
}

function shown(setting: Setting<unknown>, raw: unknown): string {
  return setting.isSecret ? 'the value' : JSON.stringify(raw).slice(0, 200);
}
