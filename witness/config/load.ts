import { EvidenceError } from '#core/evidence/error.ts';
import { isNoteName, type NoteKey, parseNoteKey } from '#core/evidence/note/key.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { readSettings, type SettingsSources } from '../../program/settings.ts';
import { checkTransport, readTls } from '../../program/transport.ts';
import { SETTINGS, type WitnessSettings } from './settings.ts';

/** The settings of a witness, with files read. Throws SettingsError with everything that is wrong. */
export async function loadSettings(sources: SettingsSources): Promise<WitnessSettings> {
  const values = await readSettings(SETTINGS, sources);
  const { tlsCert, tlsKey, logKeys, ...rest } = values;
  const faults = [
    ...checkTransport(values),
    ...checkName(values.witnessName),
    ...(logKeys.length === 0 ? ['logKeys: is empty; a witness cosigns the logs whose keys it knows'] : []),
    ...logKeys.flatMap(checkLogKey),
  ];
  if (faults.length > 0) throw new SettingsError(faults);
  return { ...rest, logKeys: logKeys.map(parseLogKey), tls: await readTls(values) };
}

function checkName(name: string): string[] {
  if (isNoteName(name)) return [];
  return [`witnessName: "${name}" has a blank or a +, which the name of a key may not have`];
}

function checkLogKey(text: string): string[] {
  try {
    parseLogKey(text);
    return [];
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return [`logKeys: "${text}": ${error.message}; write NAME+ID+KEY as 'sworn audit key' prints it`];
  }
}

/** @throws EvidenceError malformed */
function parseLogKey(text: string): NoteKey {
  const key = parseNoteKey(text);
  if (key.type !== 'ed25519') throw new EvidenceError('malformed', 'not the key of a log');
  return key;
}
