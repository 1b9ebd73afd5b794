import type { Detector } from '../detect.ts';
import type { Scan } from '../engine/scan.ts';
import type { EntityName } from '../entities.ts';
import { type Segment, Segmenter, type SegmentSizes } from './segment.ts';

/** What of a scan its users call: all that stands in for one has to have. */
export type ScanLike = Pick<Scan, 'push' | 'end' | 'take' | 'emittable' | 'length'>;

/** Finds nothing and holds nothing back: it goes ahead of the masking to see which texts there will be. */
export interface Scout extends Detector {
  /** The segments that became whole since the last call. */
  take(): Segment[];
}

const NOTHING: ReadonlySet<EntityName> = new Set();

/** A scout of texts that are cut into segments of these sizes. Its texts are never to go out. */
export function createScout(sizes: SegmentSizes): Scout {
  let segments: Segment[] = [];
  const open: Detector['open'] = (_entities, context = '') => {
    const segmenter = new Segmenter(sizes, context);
    let length = 0;
    const scan: ScanLike = {
      push: (chunk) => {
        length += chunk.length;
        segments.push(...segmenter.push(chunk));
      },
      end: () => {
        segments.push(...segmenter.end());
      },
      take: () => [],
      get emittable() {
        return length;
      },
      get length() {
        return length;
      },
    };
    // Scan is a class with private parts, of which its users see nothing.
    return scan as Scan;
  };
  return {
    entities: NOTHING,
    open,
    scan: (text) => {
      const scan = open(new Set());
      scan.push(text);
      scan.end();
      return [];
    },
    take: () => {
      const taken = segments;
      segments = [];
      return taken;
    },
  };
}
