import { camelToFlag, camelToVariable } from './names.ts';
import type { Definitions } from './settings.ts';

/** What a command-line parser needs to know about one setting. */
export interface SettingOption {
  /** The setting's key, under which `resolveSettings` expects the flag's value. */
  readonly key: string;
  /** In commander's notation, such as `--listen <host:port>`; `[…]` where the value may be left out. */
  readonly flags: string;
  readonly description: string;
  /** Whether the flag may be repeated; its values are then to be joined by commas. */
  readonly isList: boolean;
}

/** The command-line options of these settings, as data: the program that parses a command line adds them to it. */
export function describeOptions(definitions: Definitions): SettingOption[] {
  return Object.entries(definitions).map(([key, setting]) => {
    const value = setting.isSwitch ? `[${setting.placeholder}]` : `<${setting.placeholder}>`;
    const notes = [
      setting.fallbackText === '' ? '' : `default ${setting.fallbackText}`,
      camelToVariable(key),
    ];
    return {
      key,
      flags: `${camelToFlag(key)} ${value}`,
      description: `${setting.help} (${notes.filter((note) => note !== '').join('; ')})`,
      isList: setting.isList,
    };
  });
}
