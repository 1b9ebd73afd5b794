import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editJson, type JsonEdit } from '#core/provider/openai/edit.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';

describe('editJson', () => {
  test.each<[string, string, JsonEdit[], string]>([
    ['replaces a value', '{"store":true}', [{ path: ['store'], value: false }], '{"store":false}'],
    ['replaces null', '{"store" : null }', [{ path: ['store'], value: false }], '{"store" : false }'],
    ['puts a member behind the last', '{"a":1 }', [{ path: ['n'], value: 2 }], '{"a":1,"n":2 }'],
    ['puts a member into nothing', '{ }', [{ path: ['n'], value: 2 }], '{"n":2 }'],
    ['takes out the first', '{"a":1, "b":2}', [{ path: ['a'] }], '{"b":2}'],
    ['takes out the last', '{"a":1, "b":2}', [{ path: ['b'] }], '{"a":1}'],
    ['takes out the only one', '{ "a":1 }', [{ path: ['a'] }], '{  }'],
    ['takes out one in the middle', '[1,2,3]', [{ path: [1] }], '[1,3]'],
    ['takes out several', '[1,2,3,4]', [{ path: [1] }, { path: [2] }, { path: [3] }], '[1]'],
    [
      'takes out all and puts in one',
      '{"a":1,"b":2}',
      [{ path: ['a'] }, { path: ['b'] }, { path: ['c'], value: 'x' }],
      '{"c":"x"}',
    ],
    [
      'takes out the last and puts in one',
      '{"a":1,"b":2}',
      [{ path: ['b'] }, { path: ['c'], value: 3 }],
      '{"a":1,"c":3}',
    ],
    ['finds what is inside', '{"m":{"k":"v","l":[{}]}}', [{ path: ['m', 'k'] }], '{"m":{"l":[{}]}}'],
    [
      'finds a key that is written with escapes',
      '{"st\\u006fre":true}',
      [{ path: ['store'], value: false }],
      '{"st\\u006fre":false}',
    ],
    [
      'leaves alone what only looks like it',
      '{"a":"{\\"store\\":true}","store":true}',
      [{ path: ['store'], value: false }],
      '{"a":"{\\"store\\":true}","store":false}',
    ],
    ['leaves alone what is not there', '{"a":[1]}', [{ path: ['a', 7] }, { path: ['b', 'c'] }], '{"a":[1]}'],
  ])('%s', (_what, text, edits, expected) => {
    expect(editJson(text, edits)).toBe(expected);
  });

  test('leaves long numbers, order, spaces and spellings as they are', () => {
    const text =
      '{"seed": 12345678901234567890, "z":1.0, "a":1e2,\r\n "t":"\\u00fc/\\/\\ud800", "store":true}';
    expect(editJson(text, [{ path: ['store'], value: false }])).toBe(text.replace('true', 'false'));
  });

  const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'ü"', '1');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('x', '{"a":1}', 'q"]', 1, 1.5, true, null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));

  /** The same on the parsed value. */
  function remove(held: unknown, gone: ReadonlySet<string>, at = ''): unknown {
    const keeps = (name: string | number) => !gone.has(`${at}/${name}`);
    if (Array.isArray(held)) {
      return held.flatMap((item, i) => (keeps(i) ? [remove(item, gone, `${at}/${i}`)] : []));
    }
    if (typeof held !== 'object' || held === null) return held;
    const entries = Object.entries(held).filter(([name]) => keeps(name));
    return Object.fromEntries(entries.map(([name, item]) => [name, remove(item, gone, `${at}/${name}`)]));
  }

  function pathsOf(held: unknown, at: (string | number)[] = []): (string | number)[][] {
    if (typeof held !== 'object' || held === null) return [];
    const names = Array.isArray(held) ? held.map((_, i) => i) : Object.keys(held);
    return names.flatMap((name) => [
      [...at, name],
      ...pathsOf((held as Record<string | number, unknown>)[name], [...at, name]),
    ]);
  }

  test('does on the text what taking out does on the value, however it is written', () => {
    fc.assert(
      fc.property(
        value,
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.constantFrom('', ' ', '\n\t'),
        (held, picks, space) => {
          const paths = pathsOf(held);
          const gone = picks.flatMap((pick) =>
            paths.length === 0 ? [] : [paths[pick % paths.length] ?? []],
          );
          const edited = editJson(
            JSON.stringify(held, undefined, space),
            gone.map((path) => ({ path })),
          );
          expect(JSON.parse(edited)).toEqual(
            JSON.parse(JSON.stringify(remove(held, new Set(gone.map((path) => `/${path.join('/')}`))))),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('editRequest', () => {
  test('gives back the very bytes when nothing changes', () => {
    const body = new TextEncoder().encode('{"a":1}');
    expect(editRequest('/responses', body, [])).toEqual({ path: '/responses', body });
    expect(editRequest('/responses', body, []).body).toBe(body);
  });

  test('leaves out a part of the query', () => {
    const edit = { query: 'include[]', value: 'message.output_text.logprobs' };
    const part = 'include%5B%5D=message.output_text.logprobs';
    const path = (query: string) => editRequest(`/responses/resp_1${query}`, new Uint8Array(), [edit]).path;
    expect(path(`?${part}`)).toBe('/responses/resp_1');
    expect(path(`?stream=true&${part}&include%5B%5D=other`)).toBe(
      '/responses/resp_1?stream=true&include%5B%5D=other',
    );
  });
});
