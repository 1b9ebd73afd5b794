import { describe, expect, test } from 'vitest';
import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  integerSetting,
  listenSetting,
  listSetting,
  secretSetting,
  stringSetting,
  urlSetting,
} from '#core/settings/kinds.ts';
import { describeOptions } from '#core/settings/options.ts';
import { resolveSettings, SettingsError } from '#core/settings/settings.ts';

const DEFINITIONS = {
  listen: listenSetting({ default: '127.0.0.1:8480', help: 'Where to listen' }),
  maxBody: integerSetting({ default: '10', min: 1, max: 100, help: 'Largest body' }),
  drainDeadline: durationSetting({ default: '20s', minMs: 0, maxMs: 60_000, help: 'Time to drain' }),
  groups: listSetting({ default: 'a,b', help: 'Groups' }),
  plain: booleanSetting({ default: 'false', help: 'Plaintext' }),
  level: choiceSetting(['low', 'high'], { default: 'low', help: 'Level' }),
  url: urlSetting({ help: 'A URL' }),
  key: secretSetting({ required: true, help: 'A key' }),
  name: stringSetting({ help: 'A name' }),
};
const NOTHING = { flags: {}, env: {}, file: undefined };

function faultsOf(sources: Partial<Parameters<typeof resolveSettings>[1]>): readonly string[] {
  try {
    resolveSettings(DEFINITIONS, {
      ...NOTHING,
      flags: { key: 'k', ...sources.flags },
      ...withoutFlags(sources),
    });
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}

function withoutFlags({ flags: _flags, ...rest }: Partial<Parameters<typeof resolveSettings>[1]>) {
  return rest;
}

describe('resolveSettings', () => {
  test('takes flags before variables, variables before the file, the file before defaults', () => {
    const file = { maxBody: 2, level: 'high', name: 'from the file', groups: ['x', 'y z'], key: 'env://KEY' };
    const env = { SWORN_MAX_BODY: '3', SWORN_NAME: 'from a variable', SWORN_LEVEL: '' };
    const values = resolveSettings(DEFINITIONS, { flags: { name: 'from a flag', plain: true }, env, file });
    expect(values).toEqual({
      listen: { host: '127.0.0.1', port: 8480 },
      maxBody: 3,
      drainDeadline: 20_000,
      groups: ['x', 'y z'],
      plain: true,
      level: 'high',
      url: undefined,
      key: { from: 'env', name: 'KEY' },
      name: 'from a flag',
    });
  });

  test('says all that is wrong at once, and where it came from', () => {
    const faults = faultsOf({
      flags: { maxBody: '101', listen: 'localhost' },
      env: { SWORN_DRAIN_DEADLINE: '20', SWORN_URL: 'https://user:secret@host/' },
      file: { lisen: 'x', level: 'medium' },
      fileName: 'sworn.yaml',
    });
    expect(faults).toHaveLength(6);
    const text = faults.join('\n');
    expect(text).toContain('maxBody (from --max-body): "101" is not from 1 to 100');
    expect(text).toContain(
      'listen (from --listen): "localhost" is not host:port; write for example 127.0.0.1:8480',
    );
    expect(text).toContain('drainDeadline (from SWORN_DRAIN_DEADLINE): "20" is not a duration');
    expect(text).toContain('has a user or password in it');
    expect(text).toContain('sworn.yaml: "lisen" is no setting');
    expect(text).toContain('level (from sworn.yaml): "medium" is none of low, high');
  });

  test('asks for what is required, and shows no secret', () => {
    expect(faultsOf({ flags: { key: undefined } })).toEqual([
      expect.stringMatching(/^key: is not set; give --key <.*>, SWORN_KEY, or "key" in the settings file/),
    ]);
    const faults = faultsOf({ flags: { key: 'file://etc/hunter2' } });
    expect(faults).toEqual([expect.stringContaining('is not a file reference')]);
    expect(faults.join()).not.toContain('hunter2');
  });

  test('names the setting whose file reference is not percent-encoded text', () => {
    expect(faultsOf({ flags: { key: 'file:///run/100%/key' } })).toEqual([
      expect.stringMatching(/^key \(from --key\): the value is not a file reference; .* %25/),
    ]);
  });

  test.each([
    ['[::1]:80', { host: '::1', port: 80 }],
    ['db.example:0', { host: 'db.example', port: 0 }],
  ])('reads the address %s', (listen, expected) => {
    expect(resolveSettings(DEFINITIONS, { ...NOTHING, flags: { key: 'k', listen } }).listen).toEqual(
      expected,
    );
  });

  test('takes both bounds of a number and of a duration, and nothing beyond', () => {
    const taken = (maxBody: unknown, drainDeadline: unknown) =>
      faultsOf({ file: { maxBody, drainDeadline } }).map((fault) => fault.replace(/ \(.*/, ''));
    expect(taken(1, '0s')).toEqual([]);
    expect(taken('100', '60s')).toEqual([]);
    expect(taken(0, '60001ms')).toEqual(['maxBody', 'drainDeadline']);
    expect(taken(101, '2m')).toEqual(['maxBody', 'drainDeadline']);
  });

  test.each([[1.5], ['1.5'], ['1e1'], [''], [true], [['1']]])('takes %j for no whole number', (maxBody) => {
    expect(faultsOf({ file: { maxBody } })).toEqual([expect.stringContaining('is not a whole number')]);
  });

  test.each([[5], ['5'], ['s'], ['5 s'], ['5w'], [true]])('takes %j for no duration', (drainDeadline) => {
    expect(faultsOf({ file: { drainDeadline } })).toEqual([expect.stringContaining('is not a duration')]);
  });

  test.each(['::1:80', 'a:65536', ':80', 'a:', 'a b:1', 'http://a:1'])('refuses the address %s', (listen) => {
    expect(faultsOf({ flags: { listen } })).toHaveLength(1);
  });

  test.each([
    ['500ms', 500],
    ['1m', 60_000],
  ])('reads the duration %s', (drainDeadline, ms) => {
    const values = resolveSettings(DEFINITIONS, { ...NOTHING, flags: { key: 'k', drainDeadline } });
    expect(values.drainDeadline).toBe(ms);
  });

  test.each([
    ['literal', { from: 'literal', value: 'literal' }],
    ['file:///run/secrets/a%20key', { from: 'file', path: '/run/secrets/a key' }],
    ['env://MY_KEY', { from: 'env', name: 'MY_KEY' }],
  ])('reads the secret %s', (key, expected) => {
    expect(resolveSettings(DEFINITIONS, { ...NOTHING, flags: { key } }).key).toEqual(expected);
  });

  test.each(['https://a.example/?x', 'https://a.example/?', 'https://a.example/# ', 'https://a.example/?\n'])(
    'refuses the URL %j, behind which a path would be a query or fragment',
    (url) => {
      expect(faultsOf({ flags: { url } })).toEqual([expect.stringContaining('query or fragment')]);
    },
  );

  test('refuses a file that is no mapping', () => {
    expect(faultsOf({ file: ['a'] })).toEqual([expect.stringContaining('is not a mapping of settings')]);
    expect(faultsOf({ file: null })).toEqual([]);
  });
});

test('describeOptions gives flags in the notation of commander', () => {
  const options = describeOptions(DEFINITIONS);
  expect(options.map(({ flags }) => flags).slice(0, 5)).toEqual([
    '--listen <host:port>',
    '--max-body <number>',
    '--drain-deadline <duration>',
    '--groups <a,b>',
    '--plain [true|false]',
  ]);
  expect(options[1]?.description).toBe('Largest body (default 10; SWORN_MAX_BODY)');
});
