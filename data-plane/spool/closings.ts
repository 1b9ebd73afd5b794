import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../program/replace-file.ts';
import type { Segment } from './segment.ts';

const FILE = 'closed.json';

/**
 * The ends of exchanges whose beginnings stand in other segments. A segment may go before an older one that an exchange
 * still keeps; what it says of the ends of others must not go with it, or the next start would take them for open.
 */
export interface Closings {
  /** Whether the exchange, which began in `holder`, has ended as a segment that is gone has said. */
  claim(exchange: string, holder: Segment): boolean;
  /** The exchange that began in `holder` has ended in `segment`. */
  note(exchange: string, holder: Segment, segment: Segment): void;
  /** Before `segment` goes: makes durable what it says of segments that are still among `present`. One call at a time. */
  keep(segment: Segment, present: readonly Segment[]): Promise<void>;
}

/** Ends of exchanges, each with the segment of its beginning. */
type Ends = ReadonlyMap<string, Segment>;

/** Reads what earlier runs have kept. A missing or unreadable file is an empty one. */
export async function openClosings(directory: string): Promise<Closings> {
  const path = join(directory, FILE);
  const recovered = await load(path);
  /** By the segment that says so. */
  const noted = new Map<Segment, Map<string, Segment>>();
  /** Said by segments that are gone. */
  let kept: Ends = new Map();

  return {
    claim(exchange, holder) {
      if (!recovered.delete(exchange)) return false;
      kept = new Map([...kept, [exchange, holder]]);
      return true;
    },
    note(exchange, holder, segment) {
      const ends = noted.get(segment) ?? new Map<string, Segment>();
      noted.set(segment, ends.set(exchange, holder));
    },
    async keep(segment, present) {
      const there = new Set(present);
      const isNeeded = ([, holder]: readonly [string, Segment]) => there.has(holder);
      const ends = [...(noted.get(segment) ?? [])].filter(isNeeded);
      if (ends.length > 0) {
        const next = new Map([...[...kept].filter(isNeeded), ...ends]);
        await replaceFile(path, JSON.stringify([...next.keys()]));
        kept = next;
      }
      noted.delete(segment);
    },
  };
}

async function load(path: string): Promise<Set<string>> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return new Set(Array.isArray(content) ? content.filter((one) => typeof one === 'string') : []);
  } catch {
    return new Set();
  }
}
