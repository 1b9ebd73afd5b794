import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { CODE_CASES } from './lines/codes.ts';

const detector = createDetector();

test.each(
  Object.entries(CODE_CASES).flatMap(([entity, { not = [] }]) => not.map((text) => [entity, text] as const)),
)('finds no %s: %s', (entity, text) => {
  expect(detector.scan(text).filter((f) => f.entity === entity)).toEqual([]);
});
