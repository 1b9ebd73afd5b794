import { isSafeUrl } from '#core/endpoint/read.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { isNoteName, parseNoteKey } from '#core/evidence/note/key.ts';
import { readSecret, readSettings, type SettingsSources } from '../../program/settings.ts';
import { readTls } from '../../program/transport.ts';
import type { WitnessPlace } from '../log/witness.ts';
import { checkConsoleUrl, checkMail, readSmtp } from './notification.ts';
import { type ControlPlaneSettings, SETTINGS } from './settings.ts';

/** The control plane's settings, with secrets and files read. Throws SettingsError with everything that is wrong. */
export async function loadSettings(sources: SettingsSources): Promise<ControlPlaneSettings> {
  const reading = await readSettings(SETTINGS, sources);
  const { values } = reading;
  const read = (key: 'mongodbUri' | 'smtpUrl') => reading.attempt(readSecret(key, values[key], sources.env));
  const mongodbUri = await read('mongodbUri');
  const smtp = readSmtp(await read('smtpUrl'), values.mailFrom);
  const tls = await readTls(reading);
  reading.add(
    ...checkMongodbUri(mongodbUri),
    ...checkIssuer(values.issuer),
    ...checkOrigin(values.logOrigin),
    ...(values.witnesses ?? []).flatMap(checkWitness),
    ...checkConsoleUrl(values.consoleUrl),
    ...checkMail(values.smtpUrl, values.mailFrom),
    ...smtp.faults,
  );
  const { tlsCert, tlsKey, witnesses, smtpUrl, mailFrom, ...rest } = reading.finish();
  return {
    ...rest,
    // It is required: without it the reading would not have finished.
    mongodbUri: mongodbUri as string,
    tls,
    witnesses: witnesses.map(parseWitness),
    smtp: smtp.place,
  };
}

function checkMongodbUri(mongodbUri: string | undefined): string[] {
  if (mongodbUri === undefined || /^mongodb(\+srv)?:\/\/./.test(mongodbUri)) return [];
  return [
    'mongodbUri: the value is no MongoDB connection string; it begins with mongodb:// or mongodb+srv://',
  ];
}

/** Whoever can change what the provider publishes can be anybody here. */
function checkIssuer(issuer: string | undefined): string[] {
  if (issuer === undefined || (URL.canParse(issuer) && isSafeUrl(new URL(issuer)))) return [];
  return [`issuer: "${issuer}" is neither an https URL nor an http one on loopback`];
}

function checkOrigin(logOrigin: string | undefined): string[] {
  if (logOrigin === undefined || isNoteName(logOrigin)) return [];
  return [`logOrigin: "${logOrigin}" has a blank or a +, which the name of a log may not have`];
}

function checkWitness(text: string): string[] {
  try {
    parseWitness(text);
    return [];
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return [
      `witnesses: "${text}": ${error.message}; write NAME+ID+KEY+https://…, as the witness says when it starts`,
    ];
  }
}

/** Verifier keys have no colon, so that the URL begins at the scheme. @throws EvidenceError malformed */
function parseWitness(text: string): WitnessPlace {
  const [, vkey = '', address = ''] = /^(.+)\+(https?:\/\/.+)$/.exec(text) ?? [];
  if (!URL.canParse(address)) throw new EvidenceError('malformed', 'no URL after the verifier key');
  const key = parseNoteKey(vkey);
  if (key.type !== 'cosignature') throw new EvidenceError('malformed', 'not the key of a witness');
  return { key, url: new URL(address) };
}
