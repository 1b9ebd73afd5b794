import {
  CITY_MAJOR,
  CITY_WORD,
  COMPANY,
  COUNTRY,
  CREDENTIAL,
  FACILITY,
  HOSPITAL_FIRST,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { hospitalPhrase } from '../lexicon/phrase.ts';
import type { Claims } from './claim.ts';
import { NAMED_AFTER } from './cues.ts';
import { isKnownOrganization } from './known-organizations.ts';
import type { Word } from './run.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Words that make a name of whatever ordinary word stands before them. */
const HEADS = words(
  `hospital hospitals clinic clinics infirmary hospice sanatorium sanitarium university college academy pharmacy
  healthcare seminary church synagogue mosque temple parish elementary kindergarten preschool daycare prison jail
  penitentiary library museum bank airlines airport brewery bakery foundation institute laboratories polyclinic
  rehabilitation rehab labs inn hotel motel casino shelter dialysis orthopedics orthopaedics pediatrics dermatology dental
  cardiology gastroenterology oncology urology neurology nephrology rheumatology endocrinology ophthalmology optometry
  psychiatry radiology obstetrics gynecology convent monastery freight trucking plumbing roofing electric construction
  landscaping masonry realty schools concrete steel dairy catering shipping logistics motors airways brewing winery orchards nursery
  recovery snf alf ltac ltach hospitality pharmaceuticals biotech`,
);
/** Words that end a name only with another of these, or behind a word that is nobody's ordinary one. */
const WEAK_HEADS = words(
  `center centre medical health school high middle care system systems network group associates partners practice
  services home nursing manor village living senior lodge house department dept fire police court foundation hall
  pavilion campus specialists physicians surgery surgical imaging diagnostics laboratory lab community memorial general
  regional county children's childrens women's veterans va methodist baptist presbyterian lutheran adventist catholic
  jewish episcopal district union authority agency logistics industries manufacturing construction motors foods farms
  solutions technologies technology consulting insurance therapeutics society league club team program residence
  residences apartments estates towers plaza life mutual assurance casualty audiology vascular allergy endoscopy podiatry vision
  optical hearing therapy wellness orthopedic orthopaedic eye ear skin women ranch studio gym spa salon cafe restaurant grill diner store market depot
  warehouse plant factory mill mine company corporation corp inc llc llp ltd co incorporated enterprises holdings`,
);
/** Second words of names of two: "high school", "medical center", "nursing home", "police department". */
const PAIRS: readonly (readonly [ReadonlySet<string>, ReadonlySet<string>])[] = [
  [
    words(
      'medical health care cancer heart surgery trauma rehabilitation rehab treatment wellness recovery birth',
    ),
    words('center centre system group network clinic associates partners services'),
  ],
  [
    words('high middle elementary grade primary secondary charter public nursing law'),
    words('school schools'),
  ],
  [words('nursing retirement group care funeral'), words('home homes facility')],
  [words("fire police sheriff sheriff's health"), words('department dept')],
  [words('assisted senior independent'), words('living')],
  [words('memory senior urgent home'), words('care')],
  [words('school'), words('district')],
  [words('credit'), words('union')],
  [words('memorial general regional community county university'), words('hospital center clinic')],
];
/** Wards, services and kinds of care: with a head they name what every hospital has. */
const GENERIC = words(
  `emergency primary outpatient inpatient ambulatory pain sleep wound dental eye urgent intensive critical acute chronic
  palliative home long term short skilled nursing surgical surgery medicine internal family physical occupational speech
  behavioral mental public community-based local nearest main new old teaching academic tertiary rural urban private
  state national federal international world american the a an our your this that these any each every another other
  same first second third attn insurance grade risk age stage phase control adult young volunteer specialty multispecialty walk-in after hours patient patients staff day night weekly monthly
  follow up memory fertility infusion transplant burn birth birthing travel vaccine covid flu weight diabetes diabetic
  heart cancer stroke trauma women's men's women men kids adult adults geriatric senior assisted independent living care
  health medical hospital clinic center centre general service services department unit ward office program system group
  team school nurse social work research clinical quality safety poison control disease prevention call crisis support
  recovery treatment testing imaging radiology laboratory lab blood pharmacy discharge admission admissions triage
  operating recovery waiting if when at to in for from with by on or and as is are was were has see per via i you he she
  they we it what which how where why can could should would does did do please`,
);

/** Societies of a profession or a country identify nobody: "American Heart Association". */
const BODY_FIRST = words(
  'american european national world international royal canadian british federal us u.s federation',
);
/** Books and journals are no organisation. */
const BOOKS = words(
  'textbook journal proceedings annals handbook guideline guidelines manual archives review',
);
const BODIES = words(
  'association society college academy institute institutes organization foundation federation administration',
);
/** Before a company's name: who pays, brings and delivers. */
const COMPANY_BEFORE = words(
  'by via through insurer carrier payer supplier vendor employer plan pharmacy at agency ambulance',
);
const PRODUCTS = words(
  'sheets docs teams drive calendar excel word office meet maps scholar translate glucose',
);
/** Behind these somebody is taken to a place of care, or belongs to a company. */
const SENT =
  /^(?:transfer|transferred|transferring|transport|transported|admit|admitted|discharge|discharged|sent|taken|brought|flown|airlifted|rushed|referred|accepted|diverted) (?:to|from|by|at)$/;

const TITLES = words('dr mr mrs ms miss prof doctor nurse sir madam');
const SCORE = 0.75;
const MIN_UPPER_CHARACTERS = 4;
const MAX_UNNAMED_WORDS = 4;
const BREAKS = TITLE | CREDENTIAL | WEEKDAY | MONTH | ROLE;

/** Finds names of hospitals, clinics, schools, companies and other organisations in a run. */
export function findOrganizations(claims: Claims): void {
  const { words } = claims.run;
  for (let i = words.length - 1; i >= 0; i--) {
    if (claims.taken(i)) continue;
    const known = isKnownOrganization(words, i);
    // "Vanderbilt forms".
    // "Sharp" and "Target" begin sentences and fields.
    if (known === 1 && i === 0 && claims.run.left.first && ((words[0] as Word).flags & WORD) !== 0) continue;
    const after = words[i + known]?.text ?? claims.run.right[0] ?? '';
    if (BOOKS.has(after) || BOOKS.has(words[i + known + 1]?.text ?? '')) {
      claims.exclude(i, i + known + (BOOKS.has(after) ? 1 : 2));
      continue;
    }
    if (known === 1 && (NAMED_AFTER.has(after) || PRODUCTS.has(after))) {
      claims.exclude(i, i + 1);
    } else if (known > 0) {
      claims.claim({ entity: 'ORGANIZATION', rule: 'organization.known', score: SCORE }, i, i + known);
    }
  }
  findSaints(claims);
  findHospitals(claims);
  findLadies(claims);
  for (let i = words.length - 1; i >= 0; i--) {
    if (!claims.taken(i) && isHead(words, i)) claimAround(claims, i);
  }
  findSmallHead(claims);
  findAfterAt(claims);
  findCamelCase(claims);
}

/** "St. Mary's", "Saint Jude", "Mount Sinai": a place of care when a possessive or nothing else follows. */
function findSaints(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i + 1 < words.length; i++) {
    const [saint, name] = [words[i] as Word, words[i + 1] as Word];
    if (claims.taken(i) || claims.taken(i + 1) || name.initial) continue;
    if (!/^(?:st|saint|ste|mt|mount)$/.test(saint.text) || !(name.gap === 'space' || name.gap === 'stop'))
      continue;
    let to = i + 2;
    while (to < words.length && joined(words[to] as Word) && isHeadWord(words[to] as Word)) to += 1;
    if (!name.possessive && to === i + 2 && (name.flags & NAME) === 0) continue;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.saint', score: SCORE }, i, to);
  }
}

/** Hospitals of the list. */
function findHospitals(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    if (claims.taken(i) || word.link || (word.flags & HOSPITAL_FIRST) === 0) continue;
    let end = i + 1;
    while (end < words.length && !claims.taken(end) && (words[end] as Word).gap !== 'comma') end += 1;
    const span = words.slice(i, end);
    const length = hospitalPhrase(
      span.map((other) => (other.possessive ? `${other.text}'s` : other.text)),
      0,
    );
    if (length < 2 || span.slice(0, length).every((other) => other.link || GENERIC.has(other.text))) continue;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.hospital', score: SCORE }, i, i + length);
  }
}

/** "Our Lady of the Lake": a place of care or a church. */
function findLadies(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i + 3 < words.length; i++) {
    if (
      claims.taken(i) ||
      words[i]?.text !== 'our' ||
      words[i + 1]?.text !== 'lady' ||
      words[i + 2]?.text !== 'of'
    )
      continue;
    let to = i + 3;
    while (to < words.length && !claims.taken(to) && ((words[to] as Word).link || joined(words[to] as Word)))
      to += 1;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.saint', score: SCORE }, i, to);
  }
}

/** "from Pelican Bay": some place of two words or more where somebody is or comes from; when all else was looked for. */
export function findUnnamed(claims: Claims): void {
  const { words, left } = claims.run;
  if (
    !/^(?:from|at|to|in)$/.test(left.words[0] ?? '') ||
    words.length < 2 ||
    words.length > MAX_UNNAMED_WORDS
  )
    return;
  const fits = words.every((word, i) => {
    const bare =
      !claims.taken(i) && !word.upper && !word.initial && !word.link && (i === 0 || word.gap === 'space');
    return bare && isOwn(word) && (word.flags & (MEDICAL | BREAKS | COUNTRY | STATE)) === 0;
  });
  if (!fits || words.every((word) => (word.flags & WORD_COMMON) !== 0)) return;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.unnamed', score: 0.4 }, 0, words.length);
}

/** "insurer GeoBlue", "transported by AirMed": capitals inside a word are a company's, where one is told. */
function findCamelCase(claims: Claims): void {
  const { words, left } = claims.run;
  const [word] = words as [Word];
  if (words.length > 2 || claims.taken(0) || word.upper || word.regular || word.flags !== 0) return;
  if (!COMPANY_BEFORE.has(left.words[0] ?? '')) return;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.at', score: 0.5 }, 0, 1);
}

function isHeadWord(word: Word): boolean {
  return HEADS.has(word.text) || WEAK_HEADS.has(word.text);
}

/** Whether the word ends the name of an organisation. */
function isHead(run: readonly Word[], index: number): boolean {
  const word = run[index] as Word;
  if (word.link) return false;
  if (HEADS.has(word.text)) return true;
  if ((word.flags & COMPANY) !== 0 && word.text.length > 2 && run[index - 1]?.link !== true) return true;
  if (!WEAK_HEADS.has(word.text)) return false;
  const before = run[index - 1];
  if (before === undefined || !joined(word) || (before.link && before.text !== 'and')) return false;
  if (PAIRS.some(([first, second]) => first.has(before.text) && second.has(word.text))) return true;
  // "Bayou Kidney Care": some word before it is no usual one.
  const from = before.link ? index - 1 : index - 2;
  for (let i = from; i >= 0 && (i === from || joined(run[i + 1] as Word)); i--) {
    const other = run[i] as Word;
    if (!other.link && !other.upper && isOwn(other) && (other.flags & WORD_COMMON) === 0) return true;
  }
  if (before.link) return false;
  // "Baptist Memorial", "Lakefront General".
  if (/^(?:memorial|general|methodist|presbyterian|baptist)$/.test(word.text) && !GENERIC.has(before.text)) {
    return (before.flags & (WORD_COMMON | MEDICAL | BREAKS)) === 0;
  }
  // Behind a word of its own: "Brightwater Group", but not "Treatment Group".
  return (before.flags & (WORD | WORD_COMMON | MEDICAL | BREAKS | COUNTRY)) === 0 && !before.initial;
}

/** Takes all words before the head that belong to it, and what follows it with `of` or as another head. */
function claimAround(claims: Claims, head: number): void {
  const { words } = claims.run;
  let to = head + 1;
  while (to < words.length && joined(words[to] as Word) && !claims.taken(to) && isHeadWord(words[to] as Word))
    to += 1;
  if (words[to]?.link === true && /^(?:of|at|for)$/.test((words[to] as Word).text)) {
    let next = to + 1;
    while (words[next]?.link === true) next += 1;
    const from = next;
    while (next < words.length && !claims.taken(next) && (next === from || joined(words[next] as Word)))
      next += 1;
    if (next > from && isOwn(words[from] as Word)) to = next;
  }
  let from = head;
  while (from > 0 && belongs(claims, from)) from -= 1;
  while (from < head && skipped(words[from] as Word, from === 0 && claims.run.left.first)) from += 1;
  const span = words.slice(from, to);
  const book = span.some((word) => BOOKS.has(word.text)) || BOOKS.has(words[to]?.text ?? '');
  if (
    book ||
    (span.some((word) => BODY_FIRST.has(word.text)) && span.some((word) => BODIES.has(word.text)))
  ) {
    claims.exclude(from, to);
    return;
  }
  // In a heading of capitals, ordinary words name a ward.
  const heading = span.every((word) => word.upper || word.link);
  const own = span.some((word, i) => {
    const kind = WEAK_HEADS.has(word.text) && (word.flags & WORD_COMMON) !== 0;
    return from + i !== head && isOwn(word) && !kind && !(heading && isPlain(word));
  });
  if (!own) return;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.head', score: SCORE }, from, to);
}

/** Whether the word before `index` is part of the same name. */
function belongs(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  const word = words[index] as Word;
  const before = words[index - 1] as Word;
  if (claims.taken(index - 1) || !(joined(word) || word.gap === 'hyphen' || word.gap === 'and')) return false;
  if (before.link) return /^(?:of|the|and|de|la|del|las|los|san)$/.test(before.text) && index >= 2;
  if (TITLES.has(before.text) || ((before.flags & CREDENTIAL) !== 0 && before.upper)) return false;
  return !(before.stop && word.gap === 'stop' && before.text.length > 3);
}

/** A word that no name begins with. */
function skipped(word: Word, first: boolean): boolean {
  if (word.link) return true;
  if ((word.flags & (WEEKDAY | ROLE)) !== 0) return true;
  return GENERIC.has(word.text) && (first || (word.flags & WORD_COMMON) !== 0) && !isHeadWord(word);
}

/** Whether the word tells one organisation from another. */
function isOwn(word: Word): boolean {
  if (word.link || GENERIC.has(word.text) || (word.flags & (MONTH | WEEKDAY | ROLE | TITLE)) !== 0)
    return false;
  return (word.flags & MEDICAL) === 0 || (word.flags & (NAME | CITY_WORD | STATE)) !== 0;
}

function isPlain(word: Word): boolean {
  return (word.flags & WORD) !== 0 && (word.flags & (NAME | CITY_WORD)) === 0;
}

function joined(word: Word): boolean {
  return word.gap === 'space' || (word.gap === 'stop' && word.start > 0);
}

/** Heads that name an organisation in small letters too. */
export const SMALL_HEADS = words(
  'hospital clinic university college pharmacy hospice high middle elementary medical nursing assisted senior fire police',
);

/** "Mercy hospital", "Lincoln high school": the head is written small. */
function findSmallHead(claims: Claims): void {
  const { words, right, rightEnds } = claims.run;
  const last = words.length - 1;
  const [first = '', second = ''] = right;
  if (claims.taken(last)) return;
  if (!SMALL_HEADS.has(first)) return;
  const pair = PAIRS.some(([a, b]) => a.has(first) && b.has(second));
  if (!pair && !/^(?:hospital|clinic|university|college|pharmacy|hospice)$/.test(first)) return;
  let from = last;
  while (from > 0 && belongs(claims, from)) from -= 1;
  while (from < last && skipped(words[from] as Word, from === 0 && claims.run.left.first)) from += 1;
  const word = words[last] as Word;
  if ((word.flags & (BREAKS | COUNTRY)) !== 0 || !isOwn(word)) return;
  if ((word.flags & WORD_COMMON) !== 0 && claims.run.left.first && from === 0) return;
  const end = rightEnds[pair ? 1 : 0] ?? 0;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.head', score: SCORE }, from, last + 1, end);
}

/** "at Bayview", "employee of Brightwater": a name of its own behind a word for being there. */
function findAfterAt(claims: Claims): void {
  const { words, left } = claims.run;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    const before = words[i - 1];
    const cue = i === 0 ? (left.words[0] ?? '') : before?.link === true ? before.text : '';
    const there =
      cue === 'at' ||
      (i === 0 &&
        (SENT.test(`${left.words[1]} ${cue}`) ||
          /^(?:employed|works|worked|working|work|job|employee|driver|nurse|engineer|teacher|manager) (?:for|by|of|with)$/.test(
            `${left.words[1]} ${cue}`,
          )));
    if (!there || claims.taken(i) || word.initial || TITLES.has(word.text)) continue;
    const care = (word.flags & FACILITY) !== 0 || word.text === 'swedish';
    if (!isOwn(word) || (word.flags & MEDICAL) !== 0 || ((word.flags & COUNTRY) !== 0 && !care)) continue;
    if (cue !== 'at' && (word.flags & (CITY_MAJOR | STATE)) !== 0) continue;
    if (word.upper && word.text.length < MIN_UPPER_CHARACTERS) continue;
    let to = i + 1;
    while (to < words.length && !claims.taken(to) && !(words[to] as Word).link && joined(words[to] as Word))
      to += 1;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.at', score: 0.5 }, i, to);
  }
}
