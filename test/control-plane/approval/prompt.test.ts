import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { PromptTextSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import { packPrompt, unpackPrompt } from '../../../control-plane/approval/prompt.ts';

const text = (place: string, value: string) => create(PromptTextSchema, { place, text: value });

test('packs and unpacks', () => {
  const prompt = [text('a', 'ä'), text('b', '')];
  expect(unpackPrompt(packPrompt(prompt))).toEqual(prompt);
});
