import { expect, test } from 'vitest';
import { createRuleDetector } from '#core/phi/detect.ts';

// Ages that nothing but the rules for them has to tell: the model may not have learnt them yet.

const detector = createRuleDetector();

function agesOf(text: string): string[] {
  const found = detector.scan(text).filter(({ entity }) => entity === 'AGE');
  return found.map(({ start, end }) => text.slice(start, end));
}

test.each([
  ['is 94 too old for TAVR?', '94'],
  ['At 97 too frail for surgery', '97'],
  ['is 101 old enough to be left alone', '101'],
  ['died December 2 at 91. Signed by everyone', '91'],
  ['passed away peacefully at home at 97', '97'],
  ['he died yesterday at 94 in his sleep', '94'],
  ['she passed 3/4/2024 at the age of 95', '95'],
])('finds the age in: %s', (text, age) => {
  expect(agesOf(text)).toEqual([age]);
});

test.each([
  'is 74 too old for TAVR?',
  'he died yesterday at 84 in his sleep',
  'the pump passed last week at 92% of its limit',
  'the train passed last night at 100 km from here',
  'died on Monday at 90 minutes of play',
  'the host died last night at 95:30 of the film',
])('finds no age in: %s', (text) => {
  expect(agesOf(text)).toEqual([]);
});
