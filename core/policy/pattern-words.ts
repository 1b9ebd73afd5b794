/** What the patterns of the API's rules ask for, so that nobody has to read them. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['[a-z0-9][a-z0-9-]{0,62}', 'takes lower-case letters, digits and hyphens, 63 at most, no hyphen first'],
  ['[a-z][a-zA-Z0-9_]{0,62}', 'takes letters, digits and underscores, 63 at most, a lower-case letter first'],
  [
    '[A-Za-z][A-Za-z0-9_-]{0,62}',
    'takes letters, digits, hyphens and underscores, 63 at most, a letter first',
  ],
  ['[A-Za-z0-9][A-Za-z0-9_-]*', 'takes letters, digits, hyphens and underscores, a letter or digit first'],
  ['[A-Za-z0-9_.-]*', 'takes letters, digits, hyphens, underscores and dots'],
  ['[A-Z][A-Z0-9_]{2,39}', 'takes 3 to 40 capital letters, digits and underscores, a letter first'],
  ['https?://[^?#\\s]+', 'takes a URL of http or https, without a query, a fragment and spaces'],
  ['[0-9]{1,9}(\\.[0-9]{1,6})?', 'takes an amount such as 12.5: 9 digits at most, 6 behind the point'],
  ['[\\x21-\\x7e]+', 'takes visible ASCII characters'],
  ['[\\x20-\\x7e]*', 'takes ASCII characters'],
  ['[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?', 'takes ASCII characters, without spaces at its ends'],
  ["[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*", 'takes an e-mail address'],
  [
    '([a-zA-Z][a-zA-Z_.]*)?[*]?',
    'takes an action such as policy.update, the beginning of one such as policy.*, or *',
  ],
]);
/** `^policies/[a-z0-9][a-z0-9-]{0,62}$`, `^(sessions/.+)?$`, `^(sessions|exchanges)/.+$` */
const NAME = /^\(?([a-zA-Z|]+)\)?\/(.+)$/;
const FAULT = /^(?:does not|must) match regex pattern `\^(.+)\$`$/s;

/** A message of a violation, in words where it would show a pattern; others as they are. */
export function inWords(fault: string): string {
  const [, pattern] = FAULT.exec(fault) ?? [];
  if (pattern === undefined) return fault;
  const [, optional] = /^\((.+)\)\?$/.exec(pattern) ?? [];
  return wordsOf(pattern) ?? wordsOf(optional) ?? fault;
}

function wordsOf(pattern = ''): string | undefined {
  const [, collections, id] = NAME.exec(pattern) ?? [];
  if (collections === undefined || id === undefined) return WORDS.get(pattern);
  const names = collections.split('|').map((name) => `${name}/ID`);
  const units = id.startsWith('[a-z0-9') ? ', the ID of lower-case letters, digits and hyphens' : '';
  return `takes a name such as ${names.join(' or ')}${units}`;
}
