import { describe, expect, test } from 'vitest';
import { type BundleTrust, verifyBundle } from '#core/evidence/bundle/verify.ts';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import type { Fault, FaultCode } from '#core/evidence/verify/fault.ts';
import { build, drafts, evidenceKey, keys, logKey, prove } from '../verify/synthetic.ts';
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

/** The manifest, which states something else; with the end that is true of it. */
const named = (name: string, value: string): string =>
  JSON.stringify({ ...JSON.parse(whole[0] ?? ''), [name]: value });
const otherKey = formatNoteKey(createNoteKey(logKey.name, keys.other.publicKey));

describe('its form', () => {
  test.each<[FaultCode, string, string[]]>([
    ['bundle_truncated', 'no end', whole],
    [
      'bundle_altered',
      'a byte that says nothing',
      [...whole.map((line) => line.replace('"filter":{}', '"filter":{},"x":1')), endOf(whole)],
    ],
    ['checkpoint_refused', 'the name of another log', whole.with(0, named('origin', 'log.example.org/x'))],
    ['checkpoint_refused', 'another key of the log', whole.with(0, named('logKey', otherKey))],
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
    const isSealed = code === 'checkpoint_refused';
    expect(codes(await check(isSealed ? [...lines, endOf(lines)] : lines))).toEqual([code]);
  });

  const spellings: Readonly<Record<string, (line: string) => string>> = {
    'a blank': (line) => line.replace(':', ': '),
    'a return before the newline': (line) => `${line}\r`,
    'a byte order mark': (line) => `\ufeff${line}`,
    'a key twice, the true one last': (line) => line.replace('{', '{"type":"end",'),
    'a key twice, the same': (line) => line.replace('{', '{"type":"record",'),
    'an escaped letter in a key': (line) => line.replace('"index"', '"\\u0069ndex"'),
    'an escaped slash': (line) => line.replace('}', ',"x":"\\/"}'),
    'a number with a fraction': (line) => line.replace('"index":4', '"index":4.0'),
    'a number with an exponent': (line) => line.replace('"index":4', '"index":4e0'),
    'a number that is rounded': (line) => line.replace('}', ',"x":9007199254740993}'),
    'half a surrogate pair': (line) => line.replace('}', ',"x":"\\ud800"}'),
    'what is nested too deep': (line) =>
      line.replace('}', `,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  };
  test.each(Object.entries(spellings))('%s makes a line unreadable', async (_what, respell) => {
    const at = whole.findIndex((line) => line.includes('"type":"record","index":4,'));
    const line = whole[at] ?? '';
    expect(respell(line)).not.toBe(line);
    const lines = whole.with(at, respell(line));
    const faults = await check([...lines, endOf(lines)]);
    const expected = ['bundle_malformed', 'leaf_missing', 'seq_missing'];
    expect(codes(faults)).toEqual(expect.arrayContaining(expected));
    expect(faults.find(({ code }) => code === 'bundle_malformed')?.message).toContain(`line ${at + 1}:`);
  });

  test('an escaped backslash is no half of a pair', async () => {
    const lines = whole.with(0, (whole[0] ?? '').replace('"filter":{}', '"filter":{"caller":"\\\\ud800"}'));
    expect(await check([...lines, endOf(lines)])).toEqual([]);
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
