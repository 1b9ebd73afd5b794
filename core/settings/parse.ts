import type { Parsed } from './settings.ts';

/** Where a server listens. */
export interface ListenAddress {
  /** A host name or IP address, IPv6 without brackets. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

const MAX_PORT = 65_535;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A text with something in it. */
export function parseString(raw: unknown): Parsed<string> {
  if (typeof raw !== 'string') return { fault: 'is not a text' };
  return raw.trim() === '' ? { fault: 'is empty' } : { value: raw };
}

/** A whole number from min to max; digits only in a text. */
export function parseInteger(raw: unknown, min: number, max: number): Parsed<number> {
  const value = typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return { fault: 'is not a whole number' };
  return value < min || value > max ? { fault: `is not from ${min} to ${max}` } : { value };
}

/** A number and a unit (`ms`, `s`, `m`, `h`, `d`), in milliseconds. */
export function parseDuration(raw: unknown, minMs: number, maxMs: number): Parsed<number> {
  const match = typeof raw === 'string' ? /^(\d{1,9})(ms|s|m|h|d)$/.exec(raw) : null;
  const unit = UNIT_MS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    return { fault: 'is not a duration; write a number and ms, s, m, h or d, such as 20s' };
  }
  const value = Number(match[1]) * unit;
  return value < minMs || value > maxMs
    ? { fault: `is not from ${formatDuration(minMs)} to ${formatDuration(maxMs)}` }
    : { value };
}

/** `host:port`, IPv6 in brackets. */
export function parseListen(raw: unknown): Parsed<ListenAddress> {
  const fault = 'is not host:port; write for example 127.0.0.1:8480 or [::1]:8480';
  const match =
    typeof raw === 'string' ? /^(?:\[([0-9A-Fa-f:.]+)\]|([^:/\s[\]]+)):(\d{1,5})$/.exec(raw) : null;
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > MAX_PORT ? { fault } : { value: { host, port } };
}

/** An http or https URL; user, password, query and fragment have no meaning in any setting and are refused. */
export function parseUrl(raw: unknown): Parsed<URL> {
  const url = typeof raw === 'string' && URL.canParse(raw) ? new URL(raw) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { fault: 'is not an http or https URL' };
  }
  if (url.username !== '' || url.password !== '') return { fault: 'has a user or password in it' };
  // An empty one as well: what is put behind the URL would become it.
  if (/[?#]/.test(url.href)) return { fault: 'has a query or fragment in it' };
  return { value: url };
}

/** `true` or `false`. */
export function parseBoolean(raw: unknown): Parsed<boolean> {
  if (typeof raw === 'boolean') return { value: raw };
  if (raw === 'true') return { value: true };
  if (raw === 'false') return { value: false };
  return { fault: 'is neither true nor false' };
}

/** Texts separated by commas, or a list of texts; each without surrounding space, none empty. */
export function parseList(raw: unknown): Parsed<readonly string[]> {
  if (raw === '') return { value: [] };
  const items: readonly unknown[] =
    typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [undefined];
  const value: string[] = [];
  for (const item of items) {
    if (typeof item !== 'string' || item.trim() === '') return { fault: 'is not a list of texts; write a,b' };
    value.push(item.trim());
  }
  return { value };
}

function formatDuration(ms: number): string {
  const unit =
    (['d', 'h', 'm', 's'] as const).find((name) => ms > 0 && ms % (UNIT_MS[name] ?? 1) === 0) ?? 'ms';
  return `${ms / (UNIT_MS[unit] ?? 1)}${unit}`;
}
