import { readdirSync, readFileSync } from 'node:fs';
import type { EntityName } from '#core/phi/entities.ts';

/** A place in a text: UTF-16 offsets, the end exclusive. */
export type Span = readonly [start: number, end: number];

/** A text and the places that Presidio's recogniser finds in it; none in a negative case. */
export interface Case {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** The cases of one entity: one file of this folder; SOURCES.md says where they come from. */
export interface CaseFile {
  readonly source: string;
  readonly licence: string;
  /** Presidio's name for it. */
  readonly entity: string;
  readonly cases: readonly Case[];
}

/** Presidio's name for an entity, and what the catalogue calls the same. */
export const COUNTERPARTS: Readonly<Record<string, readonly EntityName[]>> = {
  ABA_ROUTING_NUMBER: ['ABA_ROUTING_NUMBER'],
  CREDIT_CARD: ['CREDIT_CARD'],
  // A wallet is both an account and a code that stands for one person.
  CRYPTO: ['ACCOUNT_NUMBER', 'UNIQUE_ID'],
  DATE_TIME: ['DATE', 'DATE_OF_BIRTH'],
  EMAIL_ADDRESS: ['EMAIL_ADDRESS'],
  IBAN_CODE: ['IBAN_CODE'],
  IP_ADDRESS: ['IP_ADDRESS'],
  MAC_ADDRESS: ['MAC_ADDRESS'],
  // Its recogniser knows one format only, the DEA's.
  MEDICAL_LICENSE: ['DEA_NUMBER'],
  PHONE_NUMBER: ['PHONE_NUMBER', 'FAX_NUMBER'],
  URL: ['URL'],
  US_BANK_NUMBER: ['ACCOUNT_NUMBER'],
  US_DRIVER_LICENSE: ['US_DRIVER_LICENSE'],
  US_ITIN: ['US_ITIN'],
  US_MBI: ['HEALTH_PLAN_ID'],
  US_NPI: ['US_NPI'],
  US_PASSPORT: ['US_PASSPORT'],
  US_SSN: ['US_SSN'],
};

/** All files of cases of this folder, by name. */
export function readCaseFiles(): CaseFile[] {
  const folder = new URL('./', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CaseFile);
}
