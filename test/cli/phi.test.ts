import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import type { Finding } from '#core/phi/detect.ts';
import { ENTITIES } from '#core/phi/entities.ts';
import { scanLines } from '../../cli/commands/phi/scan.ts';
import type { CommandFailure } from '../../cli/failure.ts';
import { createHome, type Home, type Run, type RunOptions } from './env/sworn.ts';

let home: Home;
/** Any command that looked at it would refuse it: nothing here needs a control plane. */
const env = { SWORN_CONTROL_PLANE: 'http://control.example.org' };
const sworn = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
  home.call(['phi', ...args], { env, ...options });

const policy = (name: string, mask: string) =>
  `apiVersion: sworn/v1\nkind: Policy\nname: ${name}\nspec:\n  groups: ["*"]\n  rules: [{ name: all, allow: {} }]\n  mask: ${mask}\n`;
const SSN = '078-05-1120';

interface Found {
  readonly id: string | number | null;
  readonly findings: readonly Finding[];
}

const found = ({ stdout }: Run): Found[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const line = (id: string | number, text: string) => JSON.stringify({ id, text });

beforeAll(() => {
  home = createHome();
});

afterAll(() => {
  home.remove();
});

test('scan: a line for each text, in order, with UTF-16 places of the text as it was written', async () => {
  const texts: Readonly<Record<string, string>> = {
    plain: `SSN ${SSN}.`,
    astral: `😀 Zoë 😀 SSN ${SSN}`,
    invisible: 'SSN 078\u200b-05-1120 ok',
    wide: 'SSN ０７８-05-1120',
    nothing: 'a headache since three days',
    empty: '',
  };
  const input = `\ufeff${Object.entries(texts)
    .map(([id, text]) => line(id, text))
    .join('\r\n\n')}`;
  const file = join(home.path, 'notes.jsonl');
  writeFileSync(file, input);
  const [piped, read] = await Promise.all([sworn(['scan'], { stdin: input }), sworn(['scan', file])]);
  expect(piped).toMatchObject({ exitCode: 0, stderr: '' });
  expect(read).toEqual(piped);
  const results = found(piped);
  expect(results.map(({ id }) => id)).toEqual(Object.keys(texts));
  const values = results.map(({ id, findings }) =>
    findings.map(({ start, end }) => texts[String(id)]?.slice(start, end)),
  );
  expect(values).toEqual([[SSN], ['Zoë', SSN], ['078\u200b-05-1120'], ['０７８-05-1120'], [], []]);
  expect(results[0]?.findings).toEqual([
    { entity: 'US_SSN', start: 4, end: 15, score: 0.95, rule: 'ssn.labelled' },
  ]);
});

test('scan: ids come back as they were, and null for none', async () => {
  const run = await sworn(['scan'], { stdin: `{"id":7,"text":""}\n{"text":"","id":"7"}\n{"text":""}\n` });
  expect(run.stdout).toBe('{"id":7,"findings":[]}\n{"id":"7","findings":[]}\n{"id":null,"findings":[]}\n');
});

test.each([
  ['{"id":1,"text":"Jane Roe', 'not a JSON object with a string "text"'],
  ['["Jane Roe"]', 'not a JSON object with a string "text"'],
  ['{"id":1,"txt":"Jane Roe"}', 'not a JSON object with a string "text"'],
  ['{"id":1,"text":["Jane Roe"]}', 'not a JSON object with a string "text"'],
  ['{"id":{"a":"Jane Roe"},"text":"b"}', '"id" is neither a string nor a whole number'],
  ['{"id":12345678901234567890,"text":"Jane Roe"}', '"id" is neither a string nor a whole number'],
  [Buffer.from('{"id":1,"text":"Jane Roe \xff"}', 'latin1'), 'not UTF-8'],
])('scan: %s on line 3 ends it there, and no word of it is told', async (wrong, message) => {
  const before = `${line('a', `SSN ${SSN}`)}\n\n`;
  const stdin = Buffer.concat([
    Buffer.from(before),
    Buffer.from(wrong),
    Buffer.from(`\n${line('c', 'x')}\n`),
  ]);
  const written: string[] = [];
  const scan = scanLines(
    Readable.from([stdin]),
    () => [],
    async (text) => void written.push(text),
  );
  const failure: CommandFailure = await scan.catch((error) => error);
  expect(failure).toMatchObject({ exitCode: 2, code: 'bad_input', message: `line 3: ${message}` });
  expect(written.join('')).toBe('{"id":"a","findings":[]}\n');
  expect(`${failure.message} ${failure.hint} ${failure.cause}`).not.toMatch(/Jane|Roe/);
});

test('scan: a wrong line is told as every error, after what was found before it', async () => {
  const stdin = `${line('a', `SSN ${SSN}`)}\n{"id":1,"text":"Jane Roe`;
  const run = await sworn(['scan', '-o', 'json'], { stdin });
  expect(run.exitCode).toBe(2);
  expect(found(run).map(({ id }) => id)).toEqual(['a']);
  expect(JSON.parse(run.stderr).error).toMatchObject({
    code: 'bad_input',
    message: 'line 2: not a JSON object with a string "text"',
  });
  expect(run.stderr).not.toMatch(/Jane|Roe/);
});

test('scan: a line of 16 MiB is read, a longer one is not', async () => {
  const long = (bytes: number) => `{"text":"${'x'.repeat(bytes - 11)}"}`;
  const MAX = 16 * 1024 * 1024;
  const run = await sworn(['scan'], { stdin: `${long(MAX)}\n${long(MAX + 1)}\n${line('c', 'x')}\n` });
  expect(run).toMatchObject({ exitCode: 2, stdout: '{"id":null,"findings":[]}\n' });
  expect(run.stderr).toContain(`line 2: longer than ${MAX} bytes`);
});

test('scan and mask answer while their input goes on', async () => {
  const scan = home.start(['phi', 'scan'], { env, keepOpen: true });
  const mask = home.start(['phi', 'mask'], { env, keepOpen: true });
  scan.child.stdin.write(`${line('first', `SSN ${SSN}`)}\n{"id":"sec`);
  mask.child.stdin.write(`SSN ${SSN}. His doc`);
  expect(await scan.sees('first')).toContain('US_SSN');
  expect(await mask.sees('[US_SSN]')).not.toContain(SSN);
  scan.child.stdin.end('ond","text":""}');
  mask.child.stdin.end('tor');
  expect(found(await scan.ended).map(({ id }) => id)).toEqual(['first', 'second']);
  expect(await mask.ended).toMatchObject({ exitCode: 0, stdout: 'SSN [US_SSN]. His doctor', stderr: '' });
});

test('mask: the same whatever the pieces, and every other byte as it came', async () => {
  const text = `\ufeff😀 SSN 078\u200b-05-1120,\r\n“cliché” a.b@example.com \u{10ffff}\n`;
  const masked = `\ufeff😀 SSN [US_SSN],\r\n“cliché” [EMAIL_ADDRESS] \u{10ffff}\n`;
  const pieces = home.start(['phi', 'mask'], { env, keepOpen: true });
  for (const byte of Buffer.from(text)) {
    await new Promise((resolve) => pieces.child.stdin.write(Buffer.of(byte), resolve));
  }
  pieces.child.stdin.end();
  expect(await pieces.ended).toEqual({ exitCode: 0, stdout: masked, stderr: '' });
  expect(await sworn(['mask'], { stdin: text })).toEqual({ exitCode: 0, stdout: masked, stderr: '' });
});

test.each([
  ['a byte that is no UTF-8', Buffer.of(0xff)],
  ['a character that breaks off', Buffer.of(0xf0, 0x9f)],
  ['UTF-16', Buffer.from(' SSN 078-05-1120', 'utf16le')],
])('mask: %s ends it, and what was held back is not written', async (_name, rest) => {
  const mask = home.start(['phi', 'mask'], { env, keepOpen: true });
  mask.child.stdin.write('ssn: 078-05-1');
  await mask.sees('ssn: ');
  mask.child.stdin.end(rest);
  const run = await mask.ended;
  expect(run).toMatchObject({ exitCode: 2, stdout: 'ssn: ' });
  expect(run.stderr).toContain('not UTF-8 text');
  expect(run.stderr).not.toContain('078');
});

test('mask --json: values with their keys, decoded; the rest byte for byte', async () => {
  const stdin = '\ufeff{"ssn": "0780\\u00351120", "n": [1.50, "\\u0041"], "mail": "a.b@example.com"}\n';
  const run = await sworn(['mask', '--json'], { stdin });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.stdout).toBe('{"ssn": "[US_SSN]", "n": [1.50, "\\u0041"], "mail": "[EMAIL_ADDRESS]"}\n');
});

test('--policy: the masks of all policies united, alike for scan and mask', async () => {
  const file = join(home.path, 'united.yaml');
  const first = policy('first', '{ default: none, entities: { MRN: placeholder } }');
  writeFileSync(file, `${first}---\n${policy('second', '{ entities: { US_SSN: none, MRN: none } }')}`);
  const text = `\u200bSSN ${SSN}, MRN: 445566, a.b@example.com`;
  const [all, some, masked] = await Promise.all([
    sworn(['scan'], { stdin: line(1, text) }),
    sworn(['scan', '--policy', file], { stdin: line(1, text) }),
    sworn(['mask', '--policy', file], { stdin: text }),
  ]);
  expect(found(all)[0]?.findings.map(({ entity }) => entity)).toEqual(['US_SSN', 'MRN', 'EMAIL_ADDRESS']);
  expect(found(some)[0]?.findings).toEqual(found(all)[0]?.findings.slice(1));
  expect(masked.stdout).toBe(`\u200bSSN ${SSN}, MRN: [MRN], [EMAIL_ADDRESS]`);
});

test('--policy: identifiers of the policies are found and masked, too', async () => {
  const file = join(home.path, 'identifiers.yaml');
  const identifiers = `{ STUDY_CODE: { pattern: 'box~\\d{4}' }, BED: { pattern: 'b\\d{3}', context: [bed] } }`;
  writeFileSync(file, policy('trials', `{ entities: { BED: last-four } }\n  identifiers: ${identifiers}`));
  const text = 'box~0042 in bed b123, not box~00';
  const [without, scanned, masked] = await Promise.all([
    sworn(['scan'], { stdin: line(1, text) }),
    sworn(['scan', '--policy', file], { stdin: line(1, text) }),
    sworn(['mask', '--policy', file], { stdin: text }),
  ]);
  expect(found(without)[0]?.findings).toEqual([]);
  expect(found(scanned)[0]?.findings).toEqual([
    { entity: 'STUDY_CODE', start: 0, end: 8, score: 0.8, rule: 'trials.STUDY_CODE' },
    { entity: 'BED', start: 16, end: 20, score: 0.8, rule: 'trials.BED' },
  ]);
  expect(masked.stdout).toBe('[STUDY_CODE] in bed [BED], not box~00');
});

test('--policy: one with a fault, or none, is said before anything is read', async () => {
  const file = join(home.path, 'broken.yaml');
  writeFileSync(file, policy('broken', '{ entities: { SSN: none } }'));
  const [broken, missing, stdin] = await Promise.all([
    sworn(['mask', '--policy', file], { stdin: SSN }),
    sworn(['mask', '--policy', join(home.path, 'missing.yaml')], { stdin: SSN }),
    sworn(['scan', '--policy', '-'], { stdin: line(1, SSN) }),
  ]);
  expect(broken).toMatchObject({ exitCode: 1, stdout: '' });
  expect(broken.stderr).toContain('spec.mask.entities.SSN');
  expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
  expect(stdin).toMatchObject({ exitCode: 2, stdout: '' });
});

/** Ends all that is left of a process group. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

test.each([
  ['mask', 'yes "SSN 078-05-1120"'],
  ['scan', `yes '${line(1, `SSN ${SSN}`)}'`],
])('%s: a reader that goes away ends it quietly, however much there is', async (verb, source) => {
  const script = `${source} | "$0" bin/sworn.js phi ${verb} | head -n 1; echo "\${PIPESTATUS[1]}"`;
  const shell = spawn('bash', ['-c', script, process.execPath], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { PATH: process.env['PATH'], HOME: home.path },
    detached: true,
  });
  // The input has no end: whatever becomes of the test, nothing of it may run on.
  onTestFinished(() => endGroup(shell.pid));
  let output = '';
  shell.stdout.on('data', (data) => {
    output += data;
  });
  shell.stderr.on('data', (data) => {
    output += data;
  });
  await new Promise((resolve) => shell.on('close', resolve));
  const lines = output.split('\n');
  expect(lines[0]).toContain('US_SSN');
  expect(lines.slice(1)).toEqual(['0', '']);
});

test.each(['mask', 'scan'])(
  '%s: a directory for stdin is refused, and not taken for an empty text',
  (verb) => {
    const directory = openSync(home.path, 'r');
    onTestFinished(() => closeSync(directory));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/sworn.js', 'phi', verb], {
      cwd: new URL('../..', import.meta.url).pathname,
      env: { PATH: process.env['PATH'], HOME: home.path },
      stdio: [directory, 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expect(stderr).toContain('stdin is a directory');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  },
);

test('scan: what one read brought goes out while the rest of it is still to be looked at', async () => {
  let looks = 0;
  const looksBefore: number[] = [];
  const block = Buffer.from(`${line('a', 'x')}\n`.repeat(5_000));
  await scanLines(
    Readable.from([block]),
    () => {
      looks += 1;
      return [];
    },
    async () => void looksBefore.push(looks),
  );
  expect(looks).toBe(5_000);
  expect(looksBefore[0]).toBeLessThanOrEqual(100);
  expect(looksBefore.at(-1)).toBe(5_000);
});

test('entities: the whole catalogue with its rules, in every form', async () => {
  const [table, json, yaml] = await Promise.all(
    ['table', 'json', 'yaml'].map((format) => sworn(['entities', '--output', format])),
  );
  const { entities } = JSON.parse(json?.stdout ?? '');
  expect(parse(yaml?.stdout ?? '')).toEqual({ entities });
  expect(entities.map(({ name }: { name: string }) => name)).toEqual(ENTITIES.map(({ name }) => name));
  const ssn = entities.find(({ name }: { name: string }) => name === 'US_SSN');
  expect(ssn).toMatchObject({ safeHarbor: 'G', description: 'A United States social security number' });
  expect(ssn.rules).toContainEqual({ name: 'ssn.labelled', score: 0.95 });
  expect(table?.stdout).toMatch(/^US_SSN +G +A United States social security number +0\.4-0\.95$/m);
});
