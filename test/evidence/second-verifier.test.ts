import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyBundle } from '#core/evidence/bundle/verify.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { formatNoteKey } from '#core/evidence/note/key.ts';
import { alterValue, endOf, linesOf } from '../core/evidence/bundle/lines.ts';
import { CASES } from '../core/evidence/verify/cases/all.ts';
import { later } from '../core/evidence/verify/changes.ts';
import { SEALED_CONTENTS } from '../core/evidence/verify/contents.ts';
import {
  build,
  drafts,
  type Evidence,
  evidenceKey,
  logKey,
  prove,
} from '../core/evidence/verify/synthetic.ts';

const SCRIPT = new URL('second_verifier.py', import.meta.url).pathname;
const hasPython = spawnSync('python3', ['--version']).status === 0;
const hasCryptography = hasPython && spawnSync('python3', ['-c', 'import cryptography']).status === 0;
const why = hasPython ? '' : ' (skipped: there is no python3 here)';

const folder = mkdtempSync(join(tmpdir(), 'sworn-second-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const write = (text: string): string => {
  files += 1;
  const path = join(folder, `${files}`);
  writeFileSync(path, text);
  return path;
};
const keyFile = write(
  JSON.stringify({
    id: evidenceKey.privateKey.kid,
    publicKey: evidenceKey.privateKey.x,
    privateKey: evidenceKey.privateKey.d,
  }),
);

type Place = readonly [code: string, index: unknown, plane: unknown, epoch: unknown, seq: unknown];

/** What the second verifier finds in each. */
function second(bundles: readonly string[], options: Evidence['options']): Place[][] {
  const { trust, kept = [] } = options;
  const args = [
    ...['--log-key', formatNoteKey(logKey)],
    ...trust.witnessKeys.flatMap((key) => ['--witness', formatNoteKey(key)]),
    ...kept.flatMap((note) => ['--kept', write(note)]),
    ...(hasCryptography ? ['--evidence-key', keyFile] : []),
  ];
  const { stdout, stderr } = spawnSync('python3', [SCRIPT, ...args, ...bundles.map(write)], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  expect(stderr).toBe('');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => order(JSON.parse(line)));
}

/** What the product's finds. */
async function first(bundle: string, { trust, kept = [] }: Evidence['options']): Promise<Place[]> {
  async function* lines() {
    yield* bundle.split(/(?<=\n)/).map((line) => Buffer.from(line));
  }
  const evidenceKeys = hasCryptography ? [evidenceKey.privateKey] : [];
  const report = await verifyBundle(lines(), { logKey, witnessKeys: trust.witnessKeys, evidenceKeys, kept });
  return order(
    report.faults.map(
      ({ code, index, plane, epoch, seq }): Place => [
        code,
        index ?? null,
        plane ?? null,
        epoch === undefined ? null : Number(epoch),
        seq === undefined ? null : Number(seq),
      ],
    ),
  );
}

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
const order = (places: readonly Place[]): Place[] =>
  [...places].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const toBundle = (lines: readonly string[]): string => `${[...lines, endOf(lines)].join('\n')}\n`;

/** What the store says of its log, and upper tiles, are in no bundle; its receipt key always is. */
const NOT_SHARED = ['log_contradicted', 'an upper tile', 'no receipt key'];
const SHARED = CASES.filter(({ code, what }) => !NOT_SHARED.includes(code) && !NOT_SHARED.includes(what));

describe.skipIf(!hasPython)(`a verifier that was written from docs/evidence.md alone${why}`, () => {
  test('finds in every case of a guard what the product finds', async () => {
    const plain: string[] = [];
    const expected: Place[][] = [];
    for (const { evidence } of SHARED) {
      const { options, items } = await evidence();
      const bundle = toBundle(linesOf({ options, items }));
      const found = await first(bundle, options);
      if (options.kept !== undefined || options.trust.witnessKeys.length > 0) {
        expect(second([bundle], options)).toEqual([found]);
      } else {
        plain.push(bundle);
        expected.push(found);
      }
    }
    expect(plain.length).toBeGreaterThan(40);
    expect(second(plain, build(drafts()).options)).toEqual(expected);
  });

  test.skipIf(!hasCryptography)('reads content alike, whatever a plane sealed', async () => {
    const expected: Place[][] = [];
    const bundles = SEALED_CONTENTS.map(({ evidence }) => toBundle(linesOf(evidence)));
    const { options } = build(drafts());
    for (const bundle of bundles) expected.push(await first(bundle, options));
    expect(expected.filter((places) => places.length > 0).length).toBeGreaterThan(10);
    expect(second(bundles, options)).toEqual(expected);
  });

  test('reads records alike, whatever field of whatever wire type comes behind', async () => {
    const evidence = build(drafts());
    const lines = linesOf(evidence);
    const at = lines.findIndex((line) => line.includes('"type":"record"'));
    const record = JSON.parse(lines[at] ?? '');
    // Numbers, words of 64 bits, text, messages, groups, words of 32 bits, a tag of six bytes.
    const values = [[1], Array(8).fill(1), [0], [2, 0x0a, 0], [1, 0xff], [], [], [], Array(4).fill(1)];
    const wireTypes = [0, 1, 2, 2, 2, 3, 4, 6, 5];
    const fields = [...Array(33).keys(), 40, 50, 60, 63, 73, 74, 82, 85, 98, 105, 2000].flatMap((number) =>
      values.map((value, which) => [...varint(number * 8 + (wireTypes[which] ?? 0)), ...value]),
    );
    fields.push([0xb0, 0x80, 0x80, 0x80, 0x80, 1, 1], [0x30, 0x80, 0x80, 0x80, 0x80, 0x10]);
    const bundles = fields.map((field) => {
      const bytes = Buffer.concat([Buffer.from(record.record, 'base64'), Buffer.from(field)]);
      return toBundle(lines.with(at, JSON.stringify({ ...record, record: bytes.toString('base64') })));
    });
    const found = second(bundles, evidence.options);
    for (const [which, bundle] of bundles.entries())
      expect([fields[which], found[which]]).toEqual([fields[which], await first(bundle, evidence.options)]);
  });

  test('finds the same in bundles of which the manifest has another value, or none, or that are empty', async () => {
    const evidence = build(drafts());
    const lines = linesOf(evidence);
    const manifest: Record<string, unknown> = JSON.parse(lines[0] ?? '');
    const texts = Object.entries(manifest).flatMap(([name, value]) => {
      const { [name]: _gone, ...rest } = manifest;
      return [alterValue(value), 7, { a: 1 }, '']
        .map((other) => ({ ...manifest, [name]: other }))
        .concat(rest);
    });
    const bundles = ['', ...texts.map((text) => toBundle(lines.with(0, JSON.stringify(text))))];
    const found = second(bundles, evidence.options);
    for (const [at, bundle] of bundles.entries()) {
      const own = await first(bundle, evidence.options).catch((error: unknown): Place[] => {
        if (!(error instanceof EvidenceError)) throw error;
        return [['bundle_malformed', null, null, null, null]];
      });
      expect([at, found[at]]).toEqual([at, own]);
    }
  });

  test('finds the same in bundles of which any value is another, or any line is gone or twice', async () => {
    const evidence = build(drafts());
    for (const { options, items } of [evidence, await prove(build(drafts(), false)), await later()]) {
      const lines = linesOf({ options, items });
      const bundles = [lines];
      for (const [at, line] of lines.entries()) {
        if (at === 0) continue;
        for (const name of Object.keys(JSON.parse(line)).filter((key) => key !== 'type')) {
          const json = JSON.parse(line);
          json[name] = alterValue(json[name]);
          bundles.push(lines.with(at, JSON.stringify(json)));
          // Of another type.
          for (const other of [7, '', {}, { a: '' }, []])
            bundles.push(lines.with(at, JSON.stringify({ ...json, [name]: other })));
        }
        bundles.push(lines.toSpliced(at, 1), lines.toSpliced(at, 0, line));
      }
      const texts = bundles.map(toBundle);
      const found = second(texts, options);
      for (const [at, text] of texts.entries())
        expect([at, found[at]]).toEqual([at, await first(text, options)]);
    }
  });
});
