import type { Detector } from '../detect.ts';
import type { EntityName } from '../entities.ts';
import type { TextScan } from '../text-scan.ts';
import { type Segment, Segmenter, type SegmentSizes } from './segment.ts';

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
    const scan: TextScan = {
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
    return scan;
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
