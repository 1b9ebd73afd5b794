import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatNoteKey } from '#core/evidence/note/key.ts';
import type { EvidenceItem } from '#core/evidence/verify/item.ts';
import { endOf, linesOf } from '../core/evidence/bundle/lines.ts';
import { at, digestAt, written } from '../core/evidence/verify/changes.ts';
import {
  build,
  checkpointOf,
  drafts,
  type Evidence,
  keys,
  logKey,
  prove,
  sign,
  WEST,
} from '../core/evidence/verify/synthetic.ts';
import { createHome, type Home, type Run } from './env/sworn.ts';

let home: Home;
beforeAll(() => {
  home = createHome();
});
afterAll(() => home.remove());

const WHOLE = build(drafts());
const ROOT = new Uint8Array(32).fill(7);

/** Verifies a bundle of these lines. */
function verifyLines(lines: readonly string[], ...args: string[]): Promise<Run> {
  const path = join(home.path, 'log.bundle');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return home.call(['audit', 'verify', '--bundle', path, '--log-key', formatNoteKey(logKey), ...args]);
}
const verify = (evidence: Evidence, ...args: string[]): Promise<Run> => {
  const lines = linesOf(evidence);
  return verifyLines([...lines, endOf(lines)], ...args);
};
const fieldOf = ({ stdout }: Run, label: string): string | undefined =>
  new RegExp(`^${label} +(.*)$`, 'm').exec(stdout)?.[1];

test('a bundle that is whole says of what it is all', async () => {
  const run = await verify(WHOLE);
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  expect(fieldOf(run, 'checkpoint')).toMatch(/^11 leaves, root \S{44}; no witness asked for$/);
  expect(fieldOf(run, 'records')).toBe('11 of 3 writers; all records');
});

test('a key that the bundle itself has is said, to be compared, also where programs read', async () => {
  const path = join(home.path, 'own.bundle');
  const lines = linesOf(WHOLE);
  writeFileSync(path, [...lines, endOf(lines), ''].join('\n'));
  const run = await home.call(['audit', 'verify', '--bundle', path]);
  const vkey = formatNoteKey(logKey);
  expect([run.exitCode, fieldOf(run, 'key')]).toEqual([0, `${vkey}, as the bundle has it: compare it`]);
  const own = await home.call(['audit', 'verify', '--bundle', path, '--output', 'json']);
  expect(JSON.parse(own.stdout)).toMatchObject({ logKey: vkey, logKeyGiven: false, filter: null });
  const { stdout } = await verify(WHOLE, '--output', 'json');
  expect(JSON.parse(stdout)).toMatchObject({ logKey: vkey, logKeyGiven: true });
});

test('a part says by what, as the bundle has it', async () => {
  const lines = linesOf(await prove(build(drafts(), false)));
  const manifest = JSON.parse(lines[0] ?? '');
  const named = lines.with(0, JSON.stringify({ ...manifest, filter: { caller: 'ana\nresult  verified' } }));
  const run = await verifyLines([...named, endOf(named)]);
  expect([run.exitCode, fieldOf(run, 'filter')]).toEqual([
    0,
    'caller ana result verified; as the bundle says',
  ]);
  const bare = await verifyLines([...lines, endOf(lines)]);
  expect(fieldOf(bare, 'filter')).toBe('none is named; as the bundle says');
});

test('the key of another log is told to be compared', async () => {
  const other = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const run = await verify(WHOLE, '--log-key', other);
  expect([run.exitCode, run.stderr]).toEqual([
    6,
    expect.stringMatching(/checkpoint_refused.*\n *next: compare the key/),
  ]);
});

test('of a checkpoint that nobody signed nothing is repeated', async () => {
  const { options, items } = WHOLE;
  const forged = { options: { ...options, checkpoint: checkpointOf(11, ROOT, keys.other) }, items };
  const run = await verify(forged);
  expect(run.exitCode).toBe(6);
  expect(fieldOf(run, 'checkpoint')).toBe('none that verifies');
  expect(fieldOf(run, 'records')).toBe(
    '11 of 3 writers; without a checkpoint nobody says whether these are all',
  );
  const { stdout } = await verify(forged, '--output', 'json');
  expect(JSON.parse(stdout)).toMatchObject({ size: null, root: null, records: 11 });
});

test('a bundle that breaks off has not all records, and that comes first', async () => {
  const lines = linesOf(WHOLE);
  const run = await verifyLines(lines.slice(0, -1));
  expect(run.exitCode).toBe(6);
  expect(fieldOf(run, 'records')).toBe('10 of 3 writers; the log has 11');
  expect(run.stdout).toContain('leaf 10 is missing');
  expect(run.stderr).toContain('does not verify: bundle_truncated: ');
});

test('of a record that was changed, that it was comes before what follows from it', async () => {
  // Its writer is another one now, whose records before it are missing.
  const forged = written((all) => {
    at(all, 5).plane = 'planes/wast';
  });
  const bytes = forged.items.find((item) => item.kind === 'record' && item.index === 5);
  const items = WHOLE.items.map(
    (item): EvidenceItem => (item.kind === 'record' && item.index === 5 && bytes ? bytes : item),
  );
  const run = await verify({ options: WHOLE.options, items });
  expect(run.exitCode).toBe(6);
  expect(run.stdout).toMatch(/seq_missing +5 /);
  expect(run.stderr).toMatch(/^sworn: the record does not verify: leaf_altered at leaf 5, /);
});

test('of a plane whose key is another one, that it is comes before the signatures that do not verify', async () => {
  const items = WHOLE.items.map(
    (item): EvidenceItem => (item.kind === 'plane_key' ? { ...item, publicKey: keys.other.publicKey } : item),
  );
  const run = await verify({ options: WHOLE.options, items });
  expect(run.stdout).toMatch(/^head_signature_invalid /m);
  expect([run.exitCode, run.stderr]).toEqual([
    6,
    expect.stringMatching(/does not verify: plane_key_contradicted at planes\//),
  ]);
});

test('a bundle that has fewer leaves than a kept checkpoint may only be older', async () => {
  const kept = join(home.path, 'kept');
  writeFileSync(kept, checkpointOf(12, ROOT));
  const run = await verify(WHOLE, '--checkpoint', kept);
  expect([run.exitCode, run.stderr]).toEqual([
    6,
    expect.stringMatching(/checkpoint_beyond.*\n *next: the bundle may only be older than the checkpoint/),
  ]);
});

test('a bundle that breaks off is to be copied anew', async () => {
  const run = await verifyLines(linesOf(WHOLE).slice(0, -4));
  expect([run.exitCode, run.stderr]).toEqual([
    6,
    expect.stringMatching(/bundle_truncated: .*\n *next: the file is not whole: copy it anew/),
  ]);
});

test.each([
  ['of another kind', linesOf(WHOLE)[0] ?? '', 'a note without signatures'],
  [
    'as another system writes lines',
    checkpointOf(11, ROOT).replaceAll('\n', '\r\n'),
    'a control character in a note',
  ],
  ['that is cut off', checkpointOf(11, ROOT).slice(0, 20), 'a note without signatures'],
])('a kept file %s is no checkpoint, which says nothing of the record', async (_what, text, why) => {
  const kept = join(home.path, 'no-checkpoint');
  writeFileSync(kept, text);
  const run = await verify(WHOLE, '--checkpoint', kept);
  expect([run.exitCode, run.stdout, run.stderr]).toEqual([
    2,
    '',
    expect.stringContaining(`${kept} is no checkpoint: ${why}`),
  ]);
});

test('an evidence key that is none, or of two, is told before anything is opened with it', async () => {
  const key = () => generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const { x, d } = key();
  const id = await calculateJwkThumbprint({ kty: 'OKP', crv: 'X25519', x: x ?? '' });
  const path = join(home.path, 'evidence-key.json');
  const tell = async (stored: object) => {
    writeFileSync(path, JSON.stringify(stored), { mode: 0o600 });
    const { exitCode, stderr } = await verify(WHOLE, '--evidence-key', path);
    return [exitCode, stderr.split('\n')[0]];
  };
  const whole = { id, publicKey: x, privateKey: d };
  expect(await tell(whole)).toEqual([0, '']);
  const damaged = `sworn: ${path} is damaged: its id, publicKey and privateKey are not of one key`;
  for (const other of [{ id: 'none' }, { publicKey: key().x }, { privateKey: key().d }, { privateKey: 'AA' }])
    expect(await tell({ ...whole, ...other })).toEqual([2, damaged]);
  expect(await tell({ id })).toEqual([2, `sworn: ${path} is no file of an evidence key`]);
  const { exitCode, stderr } = await verify(WHOLE, '--evidence-key', home.path);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining(`cannot read the evidence key ${home.path}: it is a directory`),
  ]);
});

test('a file that is no bundle is told where bundles are from', async () => {
  const run = await verifyLines([]);
  expect([run.exitCode, run.stderr]).toEqual([6, expect.stringContaining('next: a bundle is the file that')]);
});

test('a key that is cut off says what a key is', async () => {
  const { exitCode, stderr } = await home.call([
    ...['audit', 'verify', '--bundle', 'x', '--log-key', formatNoteKey(logKey).slice(0, -1)],
  ]);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/a key of 44 characters\n *next: copy it anew/),
  ]);
});

test('of more faults than are listed it says how many there are more', async () => {
  const receipt = sign('receipt', { plane: WEST, epoch: 1n, seq: 2n, digest: digestAt(9) }, 'other');
  const many = Array.from({ length: 1_200 }, (): EvidenceItem => ({ kind: 'receipt', receipt }));
  const evidence = { options: WHOLE.options, items: [...many, ...WHOLE.items] };
  const run = await verify(evidence);
  expect(run.stdout).toMatch(/\nand 200 faults more, of the same kinds\n$/);
  const { stdout } = await verify(evidence, '--output', 'json');
  const { faults, faultCount } = JSON.parse(stdout);
  expect([faults.length, faultCount]).toEqual([1_000, 1_200]);
});
