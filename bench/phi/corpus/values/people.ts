import type { Random } from '../random.ts';
import { FAMILY_NAMES, GIVEN_NAMES, RARE_FAMILY_NAMES, RARE_GIVEN_NAMES, type Sex } from './names.ts';

export interface Person {
  readonly sex: Sex;
  readonly given: string;
  /** A middle initial; '' for none. */
  readonly middle: string;
  readonly family: string;
}

/** How many people have a name, given or family, that common lists do not hold. */
const RARE_SHARE = 0.3;

/** An invented person; a relative keeps the family name. */
export function createPerson(random: Random, relative?: Person): Person {
  const sex = random.chance(0.5) ? 'female' : 'male';
  const given = random.pick((random.chance(RARE_SHARE) ? RARE_GIVEN_NAMES : GIVEN_NAMES)[sex]);
  const middle = random.chance(0.3) ? random.string(1, 'ABCDEFGHJKLMNPRSTVW') : '';
  const family =
    relative !== undefined && random.chance(0.6)
      ? relative.family
      : random.pick(random.chance(RARE_SHARE) ? RARE_FAMILY_NAMES : FAMILY_NAMES);
  return { sex, given, middle, family };
}

/** "Anna Lee", now and then with an initial or a suffix. */
export function fullName(person: Person, random: Random): string {
  const middle = person.middle === '' ? '' : ` ${person.middle}.`;
  const suffix = person.sex === 'male' && random.chance(0.04) ? random.pick([' Jr.', ' III', ', Jr.']) : '';
  return `${person.given}${random.chance(0.6) ? middle : ''} ${person.family}${suffix}`;
}

/** "Lee, Anna S", as registers write it. */
export function listedName(person: Person, random: Random): string {
  const initial = person.middle === '' ? '' : ` ${person.middle}${random.pick(['', '.'])}`;
  const name = `${person.family}, ${person.given}${initial}`;
  return random.chance(0.5) ? name.toUpperCase() : name;
}

/** "Anna L." or "A. Lee". */
export function shortName(person: Person, random: Random): string {
  return random.chance(0.5)
    ? `${person.given} ${person.family.charAt(0).toUpperCase()}.`
    : `${person.given.charAt(0)}. ${person.family}`;
}

/** One of the ways in which people are written. */
export function anyName(person: Person, random: Random): string {
  const way = random.next();
  if (way < 0.65) return fullName(person, random);
  return way < 0.8 ? shortName(person, random) : `${person.given} ${person.family}`;
}
