/*
 * Signs and letters that a text writes out: as HTML and Markdown do, as JSON does within a string of another JSON, as forms and
 * addresses of the web do; colours of terminals; bullets within numbers. Only what a value or a label may have: the rest of such a
 * text stays as it is.
 */

/** What an escape stands for; undefined when there is none at that place. */
export interface Escape {
  /** How many units of the text it takes. */
  readonly length: number;
  /** UTF-16 units; none for marks that are not read. */
  readonly plain: string;
}

/** Names of characters in HTML, which values and names are written with. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    nbsp: '\u00a0',
    ensp: ' ',
    emsp: ' ',
    thinsp: ' ',
    ndash: '\u2013',
    mdash: '\u2014',
    minus: '-',
    hyphen: '-',
    dash: '-',
    shy: '\u00ad',
    zwnj: '\u200c',
    zwj: '\u200d',
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    lsquo: '\u2018',
    rsquo: '\u2019',
    ldquo: '\u201c',
    rdquo: '\u201d',
    sol: '/',
    period: '.',
    comma: ',',
    colon: ':',
    commat: '@',
    num: '#',
    lpar: '(',
    rpar: ')',
    plus: '+',
    szlig: 'ß',
    ccedil: 'ç',
    Ccedil: 'Ç',
    ntilde: 'ñ',
    Ntilde: 'Ñ',
    aelig: 'æ',
    oslash: 'ø',
    Oslash: 'Ø',
    aring: 'å',
    Aring: 'Å',
  }),
);
/** "eacute": a letter, and its accent as a character of its own. */
const ACCENTS: ReadonlyMap<string, string> = new Map(
  Object.entries({ acute: '\u0301', grave: '\u0300', circ: '\u0302', uml: '\u0308', tilde: '\u0303' }),
);
const ACCENTED = /^([aeiounyAEIOUNY])(acute|grave|circ|uml|tilde)$/;

/** Behind these a line may begin with any letter; `C:\new` is none. */
const SENTENCE_END = /[.,;!?)\]}"'\n\r\t0-9]/;
const DIGIT = /[0-9]/;
const CONTROLS: readonly number[] = [0x09, 0x0a, 0x0d];
const LINES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Where there may be one: what follows decides. */
const START =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told their colours behind one.
  /&(?=[#A-Za-z]|$)|\\(?=\\{0,15}(?:[-._()/@+nrtu]|$))|%(?=[234]|$)|\*(?=\*|$)|[\u2022\u00b7](?=[0-9]|$)|\u001b(?=\[|$)/g;
/** What one may go on from, when the text does not go on. */
const UNFINISHED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  /^(?:&(?:#(?:\d{0,7}|[xX][0-9A-Fa-f]{0,6})|[A-Za-z]{0,8})?|\\{1,16}(?:u[0-9A-Fa-f]{0,3}|[nrt])?|%[234]?|\*(?:\*[-/.]?)?|[\u2022\u00b7]|\u001b(?:\[[0-9;]{0,8})?)$/;
const MAX_UNFINISHED = 21;

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z]{2,8}));/y;
/** Each level of JSON within JSON doubles its backslashes. */
const UNICODE = /\\{1,16}u([0-9A-Fa-f]{4})/y;
/** A sign that Markdown, or a program, would read otherwise. */
const SIGN = /\\{1,16}([-._()/@+])/y;
const LINE = /\\{1,16}([nrt])(?=([^a-z])|.)/sy;
/** Of addresses of the web: signs that may stand in these, and the space. */
const PERCENT = /%(20|2[1-9A-Fa-f]|3[Aa]|40)/y;
/** Part of a number is in bold: "078-05-**1120**". */
const BOLD_BEHIND = /\*\*(?=[0-9])/y;
const BOLD_AHEAD = /\*\*(?=[-/.][0-9])/y;

/** "617\u2022555\u20220134" */
const BULLET = /[\u2022\u00b7](?=[0-9])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const COLOUR = /\u001b\[[0-9;]{0,8}[mK]/y;

/** The first place from another one on at which an escape may begin; -1 when there is none. */
export function nextEscape(text: string, from: number): number {
  START.lastIndex = from;
  return START.exec(text)?.index ?? -1;
}

/** Whether what stands from a place on to the end of a text may become an escape when more comes. */
export function isUnfinished(text: string, place: number): boolean {
  return text.length - place <= MAX_UNFINISHED && UNFINISHED.test(text.slice(place));
}

/**
 * The escape at a place.
 *
 * @param before the unit before it, 0 for none
 */
export function escapeAt(text: string, place: number, before: number): Escape | undefined {
  switch (text.charAt(place)) {
    case '&':
      return reference(text, place);
    case '%':
      return match(PERCENT, text, place, ([, hex = '']) =>
        // A space would end the address.
        hex === '20' ? '+' : hex === '22' ? undefined : fromCode(Number.parseInt(hex, 16)),
      );
    case '*':
      return bold(text, place, String.fromCharCode(before));
    case '\\':
      return (
        match(SIGN, text, place, ([, sign]) => sign) ??
        match(UNICODE, text, place, ([, hex = '']) => fromCode(Number.parseInt(hex, 16))) ??
        match(LINE, text, place, ([, letter = '', other]) =>
          other !== undefined || SENTENCE_END.test(String.fromCharCode(before))
            ? LINES.get(letter)
            : undefined,
        )
      );
    case '\u001b':
      return match(COLOUR, text, place, () => '');
    default:
      return DIGIT.test(String.fromCharCode(before)) ? match(BULLET, text, place, () => '.') : undefined;
  }
}

function reference(text: string, place: number): Escape | undefined {
  return match(REFERENCE, text, place, ([, decimal, hex, name]) => {
    if (name !== undefined) return named(name);
    return fromCode(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
  });
}

function named(name: string): string | undefined {
  const [, letter = '', accent = ''] = ACCENTED.exec(name) ?? [];
  return letter === '' ? NAMED.get(name) : (letter + ACCENTS.get(accent)).normalize('NFC');
}

function bold(text: string, place: number, before: string): Escape | undefined {
  if (DIGIT.test(before)) return match(BOLD_AHEAD, text, place, () => '');
  return /[-/.]/.test(before) ? match(BOLD_BEHIND, text, place, () => '') : undefined;
}

function fromCode(code: number): string | undefined {
  if (code > 0x10_ffff || (code < 0x20 && !CONTROLS.includes(code))) return undefined;
  return String.fromCodePoint(code);
}

function match(
  pattern: RegExp,
  text: string,
  place: number,
  plainOf: (parts: RegExpExecArray) => string | undefined,
): Escape | undefined {
  pattern.lastIndex = place;
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const plain = plainOf(parts);
  return plain === undefined ? undefined : { length: parts[0].length, plain };
}
