import { EvidenceError } from '#core/evidence/error.ts';
import { isNoteName, type NoteKey, parseNoteKey } from '#core/evidence/note/key.ts';
import { readSettings, type SettingsSources } from '../../program/settings.ts';
import { readTls } from '../../program/transport.ts';
import { SETTINGS, type WitnessSettings } from './settings.ts';

/** The settings of a witness, with files read. Throws SettingsError with everything that is wrong. */
export async function loadSettings(sources: SettingsSources): Promise<WitnessSettings> {
  const reading = await readSettings(SETTINGS, sources);
  const { values } = reading;
  const tls = await readTls(reading);
  reading.add(...checkName(values.witnessName), ...checkLogKeys(values.logKeys));
  const { tlsCert, tlsKey, logKeys, ...rest } = reading.finish();
  return { ...rest, logKeys: logKeys.map(parseLogKey), tls };
}

function checkName(name: string | undefined): string[] {
  if (name === undefined || isNoteName(name)) return [];
  return [`witnessName: "${name}" has a blank or a +, which the name of a key may not have`];
}

function checkLogKeys(logKeys: readonly string[] | undefined): string[] {
  if (logKeys?.length === 0)
    return ['logKeys: is not set; give --log-keys: a witness cosigns the logs whose keys it knows'];
  return logKeys?.flatMap(checkLogKey) ?? [];
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
