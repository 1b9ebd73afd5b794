import { describe, expect, test } from 'vitest';
import { type BundleTrust, verifyBundle } from '#core/evidence/bundle/verify.ts';
import type { Fault, FaultCode } from '#core/evidence/verify/fault.ts';
import { build, drafts, evidenceKey, logKey, prove } from '../verify/synthetic.ts';
import { alterValue, endOf, linesOf } from './lines.ts';

const TRUST: BundleTrust = { logKey, witnessKeys: [], evidenceKeys: [evidenceKey.privateKey], kept: [] };

async function check(lines: readonly string[], trust = TRUST): Promise<readonly Fault[]> {
  async function* give() {
    for (const line of lines) yield Buffer.from(`${line}\n`);
  }
  return (await verifyBundle(give(), trust)).faults;
}
const whole = linesOf(build(drafts()));
const part = linesOf(await prove(build(drafts(), false)));
const codes = (faults: readonly Fault[]): FaultCode[] => faults.map(({ code }) => code);
const isRecord = (line: string): boolean => line.startsWith('{"type":"record"');

test('a bundle is what was put in', async () => {
  for (const lines of [whole, part]) expect(await check([...lines, endOf(lines)])).toEqual([]);
  expect(await check([...whole, endOf(whole)], { ...TRUST, logKey: undefined })).toEqual([]);
});

describe('its form', () => {
  test.each<[FaultCode, string, string[]]>([
    ['bundle_truncated', 'no end', whole],
    [
      'bundle_altered',
      'a byte that says nothing',
      [...whole.map((line) => line.replace('"filter":{}', '"filter": {}')), endOf(whole)],
    ],
    ['bundle_miscounted', 'other counts', [...whole, endOf(whole).replace('"records":11', '"records":12')]],
    ['bundle_malformed', 'a line after the end', [...whole, endOf(whole), whole[3] ?? '']],
    ['bundle_malformed', 'a line that is no JSON', [...whole, '{', endOf([...whole, '{'])]],
    ['bundle_malformed', 'two manifests', [...whole, whole[0] ?? '', endOf([...whole, whole[0] ?? ''])]],
    [
      'bundle_malformed',
      'a line of no known kind',
      [...whole, '{"type":"x"}', endOf([...whole, '{"type":"x"}'])],
    ],
  ])('only %s catches: %s', async (code, _what, lines) => {
    expect(codes(await check(lines))).toEqual([code]);
  });

  test.each(['', '{}', '[]', 'x', whole[1] ?? '', whole[0]?.replace('/v1', '/v2') ?? ''])(
    'a file that does not begin as one is refused: %#',
    async (first) => {
      await expect(check(first === '' ? [] : [first])).rejects.toMatchObject({ code: 'malformed' });
    },
  );
});

/** All lines of a kind, each once altered, with an end that is true of what is then there. */
describe.each([
  ['whole', whole],
  ['in part', part],
])('a bundle that is %s shows in every line', (_name, lines) => {
  const alter = async (change: (all: string[], at: number) => void, at: number) => {
    const all = [...lines];
    change(all, at);
    return await check([...all, endOf(all)]);
  };
  const numbers = [...lines.keys()].slice(1);
  const leafOf = (at: number): number => JSON.parse(lines[at] ?? '').index;
  const names = (faults: readonly Fault[], at: number): boolean => {
    const leaf = leafOf(at);
    return faults.some(({ index, message }) => index === leaf || message.startsWith(`line ${at + 1}:`));
  };

  test('a byte of any value', async () => {
    for (const at of numbers) {
      const line = lines[at] ?? '';
      for (const name of Object.keys(JSON.parse(line)).filter((key) => key !== 'type')) {
        // How a head came is not signed, and says something only of the whole.
        if (name === 'source' && lines === part) continue;
        const faults = await alter((all) => {
          const json = JSON.parse(line);
          json[name] = alterValue(json[name]);
          all[at] = JSON.stringify(json);
        }, at);
        expect([line.slice(0, 60), name, faults.length > 0]).toEqual([line.slice(0, 60), name, true]);
        if (isRecord(line) && name === 'record') expect([name, names(faults, at)]).toEqual([name, true]);
      }
    }
  });

  test('a record that is gone, twice or in another place', async () => {
    const records = numbers.filter((at) => isRecord(lines[at] ?? ''));
    for (const at of records) {
      const twice = await alter((all) => all.splice(at, 0, lines[at] ?? ''), at);
      expect([at, names(twice, at)]).toEqual([at, true]);
      const next = lines[at + 1];
      if (next !== undefined) {
        const swapped = await alter((all) => all.splice(at, 2, next, lines[at] ?? ''), at);
        expect([at, names(swapped, at)]).toEqual([at, true]);
      }
      if (lines !== whole) continue;
      const gone = await alter((all) => all.splice(at, 1), at);
      expect([at, names(gone, at)]).toEqual([at, true]);
    }
    if (lines !== whole) return;
    const cut = await alter((all) => all.splice(-3), 0);
    expect(cut.find(({ code }) => code === 'leaf_missing')?.index).toBe(leafOf(lines.length - 3));
  });
});
