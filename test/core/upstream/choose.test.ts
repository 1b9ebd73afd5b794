import { create, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UpstreamTable, uniteUpstreams } from '#core/upstream/choose.ts';
import { UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';

const offer = (id: string, spec: MessageInitShape<typeof UpstreamSpecSchema> = {}) => ({
  name: `upstreams/${id}`,
  spec: create(UpstreamSpecSchema, spec),
});
const OFFERS = [
  offer('openai', { isDefault: true, models: ['gpt-*', 'o*'] }),
  offer('azure-eu', { regions: ['eu-*'], models: ['gpt-*'] }),
  offer('azure-us', { regions: ['us-*'] }),
  offer('vllm', { models: ['llama-*'] }),
];
const IDS = OFFERS.map(({ name }) => name.slice('upstreams/'.length));

const choose = (region: string, allowed: readonly string[] | undefined, model: string) => {
  const choice = new UpstreamTable(OFFERS, region).choose({ allowed, model });
  return 'why' in choice ? choice.why : choice.candidates.map(({ name }) => name.slice('upstreams/'.length));
};

describe('the upstreams that may get a request', () => {
  test('are the default one alone where no policy says, even where others serve the model', () => {
    expect(choose('eu-1', undefined, 'gpt-5')).toEqual(['openai']);
    expect(choose('eu-1', undefined, 'llama-3')).toBe('openai does not serve this model');
  });

  test('are those of the policy in its order, as far as they are for this region and serve the model', () => {
    const allowed = ['azure-eu', 'azure-us', 'vllm', 'openai'];
    expect(choose('eu-1', allowed, 'gpt-5')).toEqual(['azure-eu', 'openai']);
    expect(choose('us-1', allowed, 'gpt-5')).toEqual(['azure-us', 'openai']);
    expect(choose('us-1', allowed, 'llama-3')).toEqual(['azure-us', 'vllm']);
    expect(choose('', allowed, '')).toEqual(['vllm', 'openai']);
  });

  test('are none where nothing fits, with the reason of each', () => {
    expect(choose('us-1', ['azure-eu', 'vllm', 'gone'], 'gpt-5')).toBe(
      'azure-eu is not for this plane, in region us-1; vllm does not serve this model; there is no gone',
    );
    expect(choose('', ['azure-eu'], '')).toContain('which has no region');
    const empty = new UpstreamTable([], '').choose({ allowed: undefined, model: '' });
    expect(empty).toMatchObject({ candidates: [], why: expect.stringContaining('sworn upstream create') });
  });

  test('are none where no one is the default: another one is never taken for it', () => {
    const choice = new UpstreamTable([offer('a'), offer('b')], '').choose({ allowed: undefined, model: '' });
    expect(choice.candidates).toEqual([]);
  });
});

test('what several policies allow together is what each of them names, in the order of the first', () => {
  const list = fc.uniqueArray(fc.constantFrom(...IDS), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(list, { maxLength: 4 }), (said) => {
      const saying = said.filter((names) => names.length > 0);
      const united = uniteUpstreams(said);
      if (saying.length === 0) expect(united).toBeUndefined();
      else {
        expect(new Set(united)).toEqual(
          new Set(IDS.filter((id) => saying.every((names) => names.includes(id)))),
        );
        expect(united).toEqual(saying[0]?.filter((id) => united?.includes(id)));
      }
    }),
  );
});
