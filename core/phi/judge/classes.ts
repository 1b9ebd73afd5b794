import type { EntityName } from '../entities.ts';

/** What a token can be, by number: nothing, or a part of an identifier of these kinds. */
export const CLASSES = [
  undefined,
  'PERSON',
  'ORGANIZATION',
  'CITY',
  'STREET_ADDRESS',
  'DATE',
  'UNIQUE_ID',
] as const;
export const NOTHING = 0;
/** In place of what a word was earlier in a text: it was not there, or nobody asked. */
export const UNSEEN: number = CLASSES.length;

const NUMBERS: ReadonlyMap<EntityName | undefined, number> = new Map<EntityName | undefined, number>([
  ...CLASSES.map((entity, number): [EntityName | undefined, number] => [entity, number]),
  ['DATE_OF_BIRTH', CLASSES.indexOf('DATE')],
  ['ZIP_CODE', CLASSES.indexOf('STREET_ADDRESS')],
]);

/** The class of an entity: codes of all kinds, ages and addresses of the net are `UNIQUE_ID`. */
export function classOf(entity: EntityName): number {
  return NUMBERS.get(entity) ?? CLASSES.indexOf('UNIQUE_ID');
}
