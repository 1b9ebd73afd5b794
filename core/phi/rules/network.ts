import type { Rule } from '../engine/rule/rule.ts';

const URL_UNIT = `[A-Za-z0-9À-ɏ._~:/?#@!$&*+,;=%()\\[\\]'|-]`;
/** Under a country's code many register names one level down: `co.il`, `org.uk`. */
const TLD = `(?:(?i:co|com|ac|gov|edu|org|net)\\.[A-Za-z]{2}|(?i:com|org|net|edu|gov|mil|int|info|biz|health|care|clinic|hospital|doctor|med|pharmacy|dental|io|co|us|uk|ca|de|fr|nl|eu|au|in|me|app|dev|ai|tv|ly|link|site|online|xyz|example|test|invalid|local|cloud|me|page|systems|digital|services|center|family|live|chat|zone|world|space|store|shop|blog|news|video|email))`;
const HOST = `(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\\.){1,5}`;
/** What no domain goes on with: a constant (`Reason.INVALID_URL`) and the name of a file (`api.test.ts`) do. */
const CODE_END = `(?:_[A-Z][A-Z0-9_]{0,40}|\\.(?:ts|tsx|js|jsx|mjs|cjs|go|java|kt|cpp|php|html|css|json|jsonl|yaml|yml|toml|xml|txt|csv|log|sql|snap|spec))`;
const IS_CODE = new RegExp(`^[A-Za-z0-9.-]+${CODE_END}$`);
const OCTET_MAX = 255;
const MAC_GROUPS = 6;
const IPV6_GROUPS = 8;
/** Seven groups of four digits and their colons, and one more group. */
const MAX_IPV6_CHARACTERS = 39;
const COLON = 0x3a;

/** What ends a sentence ends no address, nor does a bracket that was opened before it; and a text of Markdown's links ends at `](`. */
function trimUrl(value: string): number {
  const link = value.indexOf('](');
  let end = link < 0 ? value.length : link;
  while (end > 0 && /[.,;:!?'"*]/.test(value.charAt(end - 1))) end -= 1;
  if (value.charAt(end - 1) === ')' && !value.slice(0, end).includes('(')) end -= 1;
  if (value.charAt(end - 1) === ']' && !value.slice(0, end).includes('[')) end -= 1;
  return end;
}

/** What every tool's parameters begin with says nothing of anybody. */
const JSON_SCHEMA = /^(?:https?:\/\/)?json-schema\.org\/draft[-/][0-9a-z-]{2,8}\/schema#?$/;
/** Names of standards and their vocabularies. */
const STANDARD =
  /^(?:https?:\/\/)?(?:www\.)?(?:(?:build\.|terminology\.)?hl7\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|w3\.org|schema\.org|json-schema\.org|nucc\.org|ietf\.org|iana\.org|purl\.org|xmlns\.com|schemas\.xmlsoap\.org|schemas\.microsoft\.com|schemas\.openxmlformats\.org|(?:[a-z-]+\.){0,3}(?:k8s|kubernetes)\.io)(?:[/#?]|$)/i;

/** What a program calls, such as `console.info`, `Dispatchers.IO` and `com.example.Patient`: no host begins or ends so. */
const MEMBER =
  /^(?:[A-Z_]+\.test|COMMAND\.COM|ASP\.NET|(?:t|aov|binom|chisq|cor|fisher|friedman|kruskal|ks|mcnemar|prop|shapiro|var|wilcox)\.test|(?:[A-Za-z0-9]+\.)*(?:name|HumanName|font)\.family|(?:com|org|net)\..*|[A-Za-z]+\.(?!(?:Com|Org|Net|Gov|Edu)$)(?:IO|[A-Z][a-z]+)|(?:(?:[A-Za-z]+\.)?(?:console|log|logger)|app|client|config|context|ctx|data|db|document|event|module|options|opts|params|pattern|process|props|re|regex|regexp|req|request|res|response|self|session|state|system|this|user|window)\.(?:app|ca|chat|center|dev|email|in|info|link|live|local|me|page|space|store|test|video|zone))$/;

/** A bare name of a machine, without a path or a port, leads to nothing about anybody. */
function checkUrl(value: string): number {
  const end = trimUrl(value);
  const address = value.slice(0, end);
  if (JSON_SCHEMA.test(address) || STANDARD.test(address)) return 0;
  if (MEMBER.test(address) || IS_CODE.test(address)) return 0;
  return /^[a-z]+:\/\/[^.:/?#@%]+\/?$/i.test(address) ? 0 : end;
}

function checkIpv4(value: string): number {
  const octets = value.replace(/\/\d+$/, '').split('.');
  return octets.every((octet) => Number(octet) <= OCTET_MAX && !/^0\d/.test(octet)) ? value.length : 0;
}

/** Whether the address at a place has a `::` or as many colons as one without it: a time of day has not. */
function hasGroups(text: string, place: number): boolean {
  let colons = 0;
  const until = Math.min(text.length, place + MAX_IPV6_CHARACTERS);
  for (let i = place; i < until; i++) {
    const unit = text.charCodeAt(i);
    if (unit === COLON) {
      if (text.charCodeAt(i + 1) === COLON) return true;
      colons += 1;
      if (colons === IPV6_GROUPS - 2) return true;
    } else if (!isHexadecimal(unit)) return false;
  }
  return false;
}

function isHexadecimal(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x66);
}

/** RFC 4291, 2.2: eight groups, or fewer with one `::`. */
function checkIpv6(value: string): number {
  const address = value.replace(/[%/].*$/, '');
  const embedded = address.slice(address.lastIndexOf(':') + 1);
  if (embedded.includes('.') && !(embedded.split('.').length === 4 && checkIpv4(embedded) > 0)) return 0;
  if (/^:(?!:)/.test(address)) return 0;
  const groups = address.split(':');
  const gaps = address.split('::').length - 1;
  const filled = groups.filter((group) => group !== '').length;
  const ipv4 = address.includes('.') ? 1 : 0;
  if (gaps > 1 || address.includes(':::') || !/[0-9A-Fa-f]/.test(address)) return 0;
  if (groups.some((group) => !group.includes('.') && group.length > 4)) return 0;
  if (gaps === 0) return filled + ipv4 === IPV6_GROUPS ? value.length : 0;
  // A clock or a name in code, such as `a::b`, has neither enough groups nor digits.
  return filled + ipv4 < IPV6_GROUPS && /\d/.test(address) ? value.length : 0;
}

/** Six equal groups are a broadcast or an empty address: nobody's. */
function checkMac(value: string): number {
  const groups = value.replace(/[^0-9A-Fa-f]/g, '').match(/../g) ?? [];
  const nobody = groups.every((group) => group === '00') || groups.every((group) => /^ff$/i.test(group));
  return groups.length === MAC_GROUPS && !nobody ? value.length : 0;
}

export const NETWORK_RULES: readonly Rule[] = [
  {
    entity: 'URL',
    name: 'url.scheme',
    score: 0.9,
    late: true,
    begins: (text, place) => text.includes('://', place),
    value: `(?i:https?|ftp|sftp|wss?)://${URL_UNIT}{1,380}`,
    gate: `[A-Za-z0-9]*(?i:https?|ftp|sftp|wss?)://${URL_UNIT}+`,
    overlong: `(?i:https?|ftp|sftp|wss?)://${URL_UNIT}{380}`,
    check: checkUrl,
  },
  {
    entity: 'URL',
    name: 'url.host',
    score: 0.6,
    // Not in the middle of one.
    unless: `[A-Za-z0-9][-.]|apiVersion["':]{1,2} ?["']?`,
    value: `(?:(?i:www)\\.${HOST}[A-Za-z]{2,24}|${HOST}${TLD})(?:${CODE_END}|(?::\\d{1,5})?(?:[/?#]${URL_UNIT}{0,40})?)`,
    gate: `(?:(?i:www)\\.(?:[A-Za-z0-9-]+\\.)+[A-Za-z]{2,24}|(?:[A-Za-z0-9-]+\\.)+${TLD})(?:${CODE_END}|(?::\\d{1,5})?(?:[/?#]${URL_UNIT}*)?)`,
    overlong: `${HOST}${TLD}[/?#]${URL_UNIT}{40}`,
    check: checkUrl,
  },
  {
    entity: 'IP_ADDRESS',
    name: 'ip.v4',
    // More than a date, which "10.20.30" of one would be.
    score: 0.82,
    unless: `(?:^|[^A-Za-z])(?i:version|ver|v|release|build|firmware|software|section|chapter|update)[ :.#]{0,3}|§ ?|[0-9A-Za-z]\\.`,
    value: '\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}(?:/\\d{1,2})?',
    check: checkIpv4,
  },
  {
    entity: 'IP_ADDRESS',
    name: 'ip.v6',
    score: 0.8,
    begins: hasGroups,
    // The end of a longer thing of the kind is no address.
    unless: '\\d{4}:|::',
    value:
      '(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\\d{1,3}(?:\\.\\d{1,3}){1,3}|[0-9A-Fa-f]{1,4})?(?:%[A-Za-z0-9]{1,15})?(?:/\\d{1,3})?',
    check: checkIpv6,
  },
  { entity: 'IP_ADDRESS', name: 'ip.prefix', score: 0.5, unless: ':', value: '::/\\d{1,3}' },
  {
    entity: 'IP_ADDRESS',
    name: 'ip.unspecified',
    score: 0.4,
    before: '(?i:ip|ipv6|src|dst|host|addr|address|unspecified)[ =]',
    value: '::',
  },
  {
    entity: 'MAC_ADDRESS',
    name: 'mac.address',
    score: 0.85,
    value:
      '[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}',
    check: checkMac,
  },
];
