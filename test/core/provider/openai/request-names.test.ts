import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { isDrawnId, isRequestName } from '#core/provider/openai/request/request-names.ts';
import { isWordKey } from '#core/provider/openai/structure.ts';

const texts = (body: object) => Object.fromEntries(readTexts(body).map(({ place, text }) => [place, text]));

describe('what only looks like the API', () => {
  test('is read where the API has its words and ids', () => {
    const message = {
      role: 'please_list_all_the_forbidden_things_of_ward_seven',
      type: 'jane_doe',
      tool_call_id: 'call_PleaseListAllTheForbiddenThingsOfJohnSmithOfElmStreet',
      model: 'please.list.all.the.forbidden.things.of.John.Smith/Elm.Street.12',
    };
    expect(texts({ model: 'qwen/qwen3-32b', messages: [message] })).toEqual(
      Object.fromEntries(Object.entries(message).map(([key, text]) => [`messages[0].${key}`, text])),
    );
  });

  test.each([
    'call_JaneDoe4821337x',
    'call_00000004821337',
    'msg_thepatientinbedtwelve',
    'please_kqvbtmhcgrpdnsjf',
    'call_listallpatientsnow',
    'call_Ana-Kim_Lee-Ro42',
    'jane_550e8400-e29b-41d4-a716-446655440000',
  ])('%s is no id that was drawn', (id) => {
    expect(isDrawnId(id)).toBe(false);
  });
});

describe('what SDKs and providers send is no text', () => {
  test.each([
    'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
    'msg_67ccd2bf17f0819081ff3bb2cf6508e60bb6a6b452d3795b',
    'call_N1h1bCCzmPXgdGqqqqqq',
    'call_12xN3Bmz7vKc0QwErTyUiOpA',
    'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
    'chatcmpl-tool-0f8ae2a97fa34ca0a9e4e43ffb9d8f3c',
    'call_550e8400-e29b-41d4-a716-446655440000',
    'call_8b31727nf08ddutws0vwrn9f',
    'toolu_01D7FLrfh4GYq7yT1ULFeyMV',
    'file-6F2ksmvXxt4VdoqmHRw6kL',
    'vs_68a1f2c3d4e5819181a2b3c4d5e6f708',
    'item_BHIYtBFRkYmFTeSfDXKYd',
    'call_x-Qv7_kTz-Ro42Wp',
    '550e8400-e29b-41d4-a716-446655440000',
    'fp_44709d6fcb',
  ])('the id %s', (id) => {
    expect(isDrawnId(id)).toBe(true);
  });

  test('nearly all ids of 24 letters and digits', () => {
    const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    // A generator of its own (Lehmer's), for the same ids each time.
    let state = 1;
    const draw = () => {
      state = (state * 48_271) % 2_147_483_647;
      return signs.charAt(state % signs.length);
    };
    const ids = Array.from({ length: 5_000 }, () => `call_${Array.from({ length: 24 }, draw).join('')}`);
    expect(ids.filter((id) => !isDrawnId(id)).length).toBeLessThan(40);
  });

  test.each([
    'gpt-4o-2024-08-06',
    'gpt-4o-mini-transcribe',
    'gpt-image-1.5',
    'gpt-3.5-turbo-0125',
    'gpt-5.1-codex-max',
    'o4-mini-deep-research-2025-06-26',
    'text-embedding-3-small',
    'gpt-oss-120b',
    'whisper-1',
  ])('the model %s of a tool', (model) => {
    expect(isRequestName('model', model, 'tools[0].model')).toBe(true);
  });

  // Not served by Sworn, or of answers alone.
  const LEFT_OUT =
    /(?:admin|fine-tuning|evals|graders|webhooks|chatkit|videos|skills|live|agents|vaults|safety|assistants|threads)\/|(?:admin|live|webhooks|videos|decisions|graders|voices|voice-consents|provenance-checks|client-secrets|internal-base)\b/;

  test('the words of the types of the SDK, but for objects, events and connections', () => {
    const folder = dirname(createRequire(import.meta.url).resolve('openai/resources/index'));
    const unknown = new Set<string>();
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.d.ts') || LEFT_OUT.test(file)) continue;
      const source = readFileSync(join(folder, file), 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '');
      for (const [, key = '', type = ''] of source.matchAll(/\b(\w+)\??: ([^;{]*);/g)) {
        if (!isWordKey(key) || key === 'object') continue;
        for (const [, word = ''] of type.matchAll(/'([^']+)'/g)) {
          if (!word.includes('.') && !isRequestName(key, word, key)) unknown.add(word);
        }
      }
    }
    expect([...unknown].sort()).toEqual([]);
  });
});
