import type { BuiltInEntity } from '#core/phi/entities.ts';
import type { Random } from './random.ts';
import { write } from './template.ts';
import { FACTS } from './templates/facts.ts';
import { PROSE } from './templates/prose.ts';
import { mark, type Piece } from './text.ts';
import * as codes from './values/codes.ts';
import { anyDate, birthDate, wholeDate } from './values/dates.ts';
import { filler } from './values/fillers.ts';
import { anyName, createPerson, fullName, listedName, type Person, shortName } from './values/people.ts';
import { CITIES, clinic, company, hospital, STATES, street, zip } from './values/places.ts';

const SEX_WORDS: Readonly<Record<string, readonly [female: string, male: string]>> = {
  he: ['she', 'he'],
  He: ['She', 'He'],
  him: ['her', 'him'],
  his: ['her', 'his'],
  His: ['Her', 'His'],
  Mr: ['Ms.', 'Mr.'],
  man: ['woman', 'man'],
  M: ['F', 'M'],
};

/** Slots that are one identifier each, independent of who is spoken of. */
const VALUES: Readonly<Record<string, readonly [BuiltInEntity, (random: Random) => string]>> = {
  hospital: ['ORGANIZATION', hospital],
  clinic: ['ORGANIZATION', clinic],
  company: ['ORGANIZATION', company],
  street: ['STREET_ADDRESS', street],
  city: ['CITY', (random) => random.pick(CITIES)],
  zip: ['ZIP_CODE', zip],
  date: ['DATE', anyDate],
  day: ['DATE', wholeDate],
  dob: ['DATE_OF_BIRTH', birthDate],
  age: ['AGE', (random) => String(random.integer(90, 106))],
  phone: ['PHONE_NUMBER', codes.phone],
  fax: ['FAX_NUMBER', codes.phone],
  ssn: ['US_SSN', codes.ssn],
  mrn: ['MRN', codes.mrn],
  mbi: ['HEALTH_PLAN_ID', codes.mbi],
  member: ['HEALTH_PLAN_ID', codes.memberId],
  account: ['ACCOUNT_NUMBER', codes.account],
  card: ['CREDIT_CARD', codes.card],
  iban: ['IBAN_CODE', codes.iban],
  routing: ['ABA_ROUTING_NUMBER', codes.routingNumber],
  npi: ['US_NPI', codes.npi],
  dea: ['DEA_NUMBER', codes.dea],
  driver: ['US_DRIVER_LICENSE', codes.driverLicence],
  passport: ['US_PASSPORT', codes.passport],
  licence: ['LICENSE_NUMBER', codes.licence],
  vin: ['VIN', codes.vin],
  plate: ['LICENSE_PLATE', codes.plate],
  serial: ['DEVICE_ID', codes.serial],
  udi: ['DEVICE_ID', codes.udi],
  imei: ['IMEI', codes.imei],
  mac: ['MAC_ADDRESS', codes.mac],
  ip: ['IP_ADDRESS', codes.ip],
  biometric: ['BIOMETRIC_ID', codes.biometric],
  photo: ['PHOTO_REFERENCE', codes.photo],
  itin: ['US_ITIN', codes.itin],
  unique: ['UNIQUE_ID', codes.uniqueId],
};

/** Who and what one text is about: slots that come twice speak of the same person. */
export class Scene {
  readonly #random: Random;
  readonly #rarest: () => BuiltInEntity;
  readonly #people = new Map<string, Person>();

  /** @param rarest says which entity the next `{fact}` should be about. */
  constructor(random: Random, rarest: () => BuiltInEntity) {
    this.#random = random;
    this.#rarest = rarest;
  }

  /** Writes a template, its slots filled in. */
  write(template: string): Piece[] {
    return write(template, this.#random, (name) => this.#fill(name));
  }

  #fill(slot: string): readonly Piece[] {
    const random = this.#random;
    if (slot === 'prose') return this.write(random.pick(PROSE));
    if (slot === 'fact') return this.write(random.pick(FACTS[this.#rarest()]));
    if (slot === 'state') return [{ text: random.pick(STATES) }];
    if (slot.startsWith('=')) return [{ text: random.form(slot.slice(1)) }];
    const value = VALUES[slot];
    if (value !== undefined) return [mark(value[0], value[1](random))];
    const word = SEX_WORDS[slot];
    if (word !== undefined) return [{ text: word[this.#person('patient').sex === 'female' ? 0 : 1] }];
    if (slot === 'email') return [mark('EMAIL_ADDRESS', this.#email())];
    if (slot === 'url') return [mark('URL', this.#url())];
    const text = filler(slot, random);
    return text === undefined ? [this.#name(slot)] : this.write(text);
  }

  /** `patient`, `doctor.family`, `relative.given`, `someone.listed`: who, and in what form. */
  #name(slot: string): Piece {
    const [who = '', form = 'any'] = slot.split('.');
    const person = this.#person(who);
    const forms: Readonly<Record<string, () => string>> = {
      any: () => anyName(person, this.#random),
      full: () => fullName(person, this.#random),
      listed: () => listedName(person, this.#random),
      short: () => shortName(person, this.#random),
      given: () => person.given,
      family: () => person.family,
      initials: () => `${person.given.charAt(0)}.${person.family.charAt(0).toUpperCase()}.`,
    };
    const make = forms[form];
    if (make === undefined) throw new Error(`no slot {${slot}}`);
    return mark('PERSON', make());
  }

  #person(who: string): Person {
    const known = this.#people.get(who);
    // Of `someone` there is always another.
    if (known !== undefined && who !== 'someone') return known;
    if (!['patient', 'relative', 'doctor', 'colleague', 'nurse', 'someone'].includes(who)) {
      throw new Error(`no slot {${who}}`);
    }
    const person = createPerson(this.#random, who === 'relative' ? this.#person('patient') : undefined);
    this.#people.set(who, person);
    return person;
  }

  #email(): string {
    const random = this.#random;
    const { given, family } = this.#person('patient');
    const [a, b] = [plain(given), plain(family)];
    const local = random.pick([
      `${a}.${b}`,
      `${a}${random.digits(2)}`,
      `${a.charAt(0)}${b}`,
      `${b}_${a}`,
      `${a}+clinic`,
    ]);
    return `${local}@${random.pick(['example.com', 'example.org', 'mail.example.net', 'harrowfield.example', 'EXAMPLE.COM'])}`;
  }

  #url(): string {
    const random = this.#random;
    const host = random.pick([
      'portal.example.org',
      'www.example.com',
      'mychart.example.net',
      'records.harrowfield.example',
    ]);
    const path = random.pick([
      '',
      `/p/${random.digits(6)}`,
      `/visits?id=${random.digits(5)}`,
      '/results/latest',
      `/~${plain(this.#person('patient').family)}`,
    ]);
    return `${random.pick(['https://', 'https://', 'http://', host.startsWith('www') ? '' : 'https://'])}${host}${path}`;
  }
}

/** A name as it stands in an address. */
function plain(name: string): string {
  const ascii = name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
  return ascii === '' ? 'user' : ascii;
}
