import { parseDecimal } from '../decimal.ts';
import { EvidenceError } from '../error.ts';
import { MAX_TILE_LEVEL, TILE_WIDTH, type TileId } from './tile.ts';

const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;
const GROUP_DIGITS = 3;

/**
 * Where a tile or bundle is served, after the log's prefix: `tile/0/x001/x234/067.p/8`, `tile/entries/000`
 * (https://c2sp.org/tlog-tiles).
 * @throws EvidenceError out_of_range
 */
export function tilePath({ level, index, width }: TileId): string {
  const whole = level === 'entries' || isWithin(level, 0, MAX_TILE_LEVEL);
  if (!whole || !isWithin(index, 0, Number.MAX_SAFE_INTEGER) || !isWithin(width, 1, TILE_WIDTH)) {
    throw new EvidenceError('out_of_range', `there is no tile ${level}/${index} of width ${width}`);
  }
  return `tile/${level}/${formatIndex(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/**
 * Reads such a path; only the one form that `tilePath` gives is taken.
 * @throws EvidenceError malformed
 */
export function parseTilePath(path: string): TileId {
  const [, level = '', groups = '', partial] = PATH.exec(path) ?? [];
  const id = {
    level: level === 'entries' ? ('entries' as const) : parseDecimal(level),
    index: Number(groups.replace(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : parseDecimal(partial),
  };
  if (!isTile(id) || groups !== formatIndex(id.index) || (partial !== undefined && id.width === TILE_WIDTH)) {
    throw new EvidenceError('malformed', 'not the path of a tile');
  }
  return id;
}

function isTile(id: { [Part in keyof TileId]: TileId[Part] | undefined }): id is TileId {
  const { level, index, width } = id;
  return (
    (level === 'entries' || isWithin(level, 0, MAX_TILE_LEVEL)) &&
    isWithin(index, 0, Number.MAX_SAFE_INTEGER) &&
    isWithin(width, 1, TILE_WIDTH)
  );
}

function formatIndex(index: number): string {
  const digits = index.toString();
  const padded = digits.padStart(Math.ceil(digits.length / GROUP_DIGITS) * GROUP_DIGITS, '0');
  const groups = padded.match(/[0-9]{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

function isWithin(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && Number.isSafeInteger(value) && value >= least && value <= most;
}
