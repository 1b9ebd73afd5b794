import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type MaskPlan } from '#core/phi/mask.ts';
import { createMessageMasker } from '#core/provider/openai/stream/messages.ts';
import { sessionOf } from '../../phi/replace/session.ts';

const detector = createDetector();
const PLANS: [string, MaskPlan][] = [
  ['placeholders', { default: 'placeholder', entities: {} }],
  ['numbers', { default: 'numbered', entities: {} }],
  ['shifted dates', { default: 'numbered', entities: { DATE: 'shift', DATE_OF_BIRTH: 'shift' } }],
];
// Published as an example, and never issued.
const TEXT = 'Admitted 2024-03-05, Ann Smith, SSN 078-05-1120, seen by Ann Smith on March 7, 2024.';
const RESPONSE = 'resp_CTTzrUqbJ1dFZ2mG3qYc1';
const PLACE = {
  response_id: RESPONSE,
  item_id: 'item_CTTzrr2UvNnlZ3aQ9d8Hx',
  output_index: 0,
  content_index: 0,
};
const itemOf = (text: string) => ({
  id: PLACE.item_id,
  type: 'message',
  content: [{ type: 'output_text', text }],
});

/** Events that repeat an item that is being said, and one that repeats it when it is whole. */
const APIS = {
  responses: {
    meanwhile: (text: string) => ({
      type: 'response.in_progress',
      response: { id: RESPONSE, output: [itemOf(text)] },
    }),
    end: { type: 'response.completed', response: { id: RESPONSE, output: [itemOf(TEXT)] } },
  },
  realtime: {
    meanwhile: (text: string) => ({ type: 'conversation.item.retrieved', item: itemOf(text) }),
    end: { type: 'response.done', response: { id: RESPONSE, output: [itemOf(TEXT)] } },
  },
} as const;

/** The text of the item in an event that repeats it. */
function repeated(message: string): string {
  const { item, response } = JSON.parse(message);
  return (item ?? response.output[0]).content[0].text;
}

describe.each(['responses', 'realtime'] as const)('of %s', (api) => {
  test.each(PLANS)('an item is repeated as its deltas have said it, with %s', (_what, plan) => {
    const messages = createMessageMasker(api, createMasker(detector, plan, sessionOf()));
    const push = (event: object) => messages.push(JSON.stringify(event));
    const deltas = (out: readonly string[]) => out.map((text) => JSON.parse(text).delta ?? '').join('');
    let said = '';
    const meanwhile: string[] = [];
    for (let at = 0; at < TEXT.length; at++) {
      said += deltas(push({ type: 'response.output_text.delta', ...PLACE, delta: TEXT[at] }));
      const [snapshot = ''] = push(APIS[api].meanwhile(TEXT.slice(0, at + 1)));
      meanwhile.push(repeated(snapshot));
    }
    const ends = push(APIS[api].end);
    said += deltas(ends);
    expect(repeated(ends.at(-1) ?? '')).toBe(said);
    expect(said).not.toMatch(/Ann Smith|078|2024/);
    expect(meanwhile.filter((text) => !said.startsWith(text))).toEqual([]);
    expect(meanwhile.at(-1)?.length).toBeGreaterThan(said.length / 2);
    expect(messages.counts).toEqual({ DATE: 2, PERSON: 2, US_SSN: 1 });
  });
});
