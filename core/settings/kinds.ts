import {
  type ListenAddress,
  parseBoolean,
  parseDuration,
  parseInteger,
  parseList,
  parseListen,
  parseString,
  parseUrl,
} from './parse.ts';
import { parseSecret, type SecretReference } from './secret.ts';
import type { Parsed, Setting } from './settings.ts';

interface Common {
  /** One line for `--help`, without a full stop. */
  readonly help: string;
  /** Stands for the value in `--help`; each kind has its own when this is absent. */
  readonly placeholder?: string;
}
/** A setting is optional (no default), required, or has a default, written as a user would write it. */
type Optional = Common & { readonly default?: undefined; readonly required?: false };
type Given = Common &
  (
    | { readonly default: string; readonly required?: false }
    | { readonly default?: undefined; readonly required: true }
  );

interface Range {
  readonly min: number;
  readonly max: number;
}

interface Kind<T> {
  readonly placeholder: string;
  readonly isSwitch?: boolean;
  readonly isList?: boolean;
  readonly isSecret?: boolean;
  parse(raw: unknown): Parsed<T>;
}

function make<T>(kind: Kind<T>, options: Optional | Given): Setting<T> {
  let fallback: T | undefined;
  if (options.default !== undefined) {
    const parsed = kind.parse(options.default);
    if ('fault' in parsed) throw new Error(`default ${JSON.stringify(options.default)} ${parsed.fault}`);
    fallback = parsed.value;
  }
  return {
    help: options.help,
    placeholder: options.placeholder ?? kind.placeholder,
    isSwitch: kind.isSwitch ?? false,
    isList: kind.isList ?? false,
    isSecret: kind.isSecret ?? false,
    fallback,
    fallbackText: options.default ?? '',
    isRequired: options.required ?? false,
    parse: kind.parse,
  };
}

/** A text that is not empty: a name, a path. */
export function stringSetting(options: Given): Setting<string>;
export function stringSetting(options: Optional): Setting<string | undefined>;
export function stringSetting(options: Optional | Given): Setting<string | undefined> {
  return make<string | undefined>({ placeholder: 'text', parse: parseString }, options);
}

/** One of a few words. */
export function choiceSetting<const C extends string>(choices: readonly C[], options: Given): Setting<C> {
  const parse = (raw: unknown): Parsed<C> => {
    const value = choices.find((choice) => choice === raw);
    return value === undefined ? { fault: `is none of ${choices.join(', ')}` } : { value };
  };
  const help = `${options.help}: ${choices.join(', ')}`;
  return make<C>({ placeholder: 'word', parse }, { ...options, help });
}

/** An http or https URL without user, password, query and fragment. */
export function urlSetting(options: Given): Setting<URL>;
export function urlSetting(options: Optional): Setting<URL | undefined>;
export function urlSetting(options: Optional | Given): Setting<URL | undefined> {
  return make<URL | undefined>({ placeholder: 'url', parse: parseUrl }, options);
}

/** A whole number from `min` to `max`. */
export function integerSetting(options: Given & Range): Setting<number>;
export function integerSetting(options: Optional & Range): Setting<number | undefined>;
export function integerSetting(options: (Optional | Given) & Range): Setting<number | undefined> {
  return make<number | undefined>(
    { placeholder: 'number', parse: (raw) => parseInteger(raw, options.min, options.max) },
    options,
  );
}

/** A time such as `20s`, in milliseconds from `minMs` to `maxMs`. */
export function durationSetting(
  options: Given & { readonly minMs: number; readonly maxMs: number },
): Setting<number> {
  return make(
    { placeholder: 'duration', parse: (raw) => parseDuration(raw, options.minMs, options.maxMs) },
    options,
  );
}

/** An address to listen on, `host:port`; port 0 takes a free one. */
export function listenSetting(options: Given): Setting<ListenAddress> {
  return make({ placeholder: 'host:port', parse: parseListen }, options);
}

/** `true` or `false`; the flag alone means true. */
export function booleanSetting(options: Given): Setting<boolean> {
  return make({ placeholder: 'true|false', isSwitch: true, parse: parseBoolean }, options);
}

/** Texts separated by commas, or a YAML list. The flag may be repeated. An empty default is the empty list. */
export function listSetting(options: Given): Setting<readonly string[]> {
  return make({ placeholder: 'a,b', isList: true, parse: parseList }, options);
}

/** A secret, or where to read it: `file:///path` or `env://NAME`. The program reads it; it is never shown. */
export function secretSetting(options: Given): Setting<SecretReference>;
export function secretSetting(options: Optional): Setting<SecretReference | undefined>;
export function secretSetting(options: Optional | Given): Setting<SecretReference | undefined> {
  return make<SecretReference | undefined>(
    { placeholder: 'secret', isSecret: true, parse: parseSecret },
    options,
  );
}
