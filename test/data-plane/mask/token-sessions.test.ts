import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FORGOTTEN_AFTER_MS, TokenSessions } from '../../../data-plane/mask/token-sessions.ts';

const KEY = new Uint8Array(32).fill(9);
const CALLER = { issuer: 'https://id.example', subject: 'ada' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function tokenOf(
  sessions: TokenSessions,
  caller = CALLER,
  name = 'sessions/a',
  key = KEY,
): string | undefined {
  return sessions.open(key, caller, name)?.take('PERSON', 'Maria Beispiel', 'Maria Beispiel').token;
}

test('a session of a caller has its tokens, the same after a restart', () => {
  const sessions = new TokenSessions();
  const token = tokenOf(sessions);
  expect(tokenOf(sessions)).toBe(token);
  expect(tokenOf(new TokenSessions())).toBe(token);
  const others = [
    tokenOf(sessions, { ...CALLER, subject: 'bob' }),
    tokenOf(sessions, { ...CALLER, issuer: 'https://other.example' }),
    tokenOf(sessions, CALLER, 'sessions/b'),
    tokenOf(sessions, CALLER, 'sessions/a', new Uint8Array(32).fill(8)),
  ];
  expect(new Set([token, ...others]).size).toBe(5);
  expect(
    sessions.open(KEY, { ...CALLER, subject: 'bob' }, 'sessions/a')?.find(String(token)),
  ).toBeUndefined();
});

test('without a key there are no tokens', () => {
  expect(new TokenSessions().open(new Uint8Array(), CALLER, 'sessions/a')).toBeUndefined();
});

test('what was quiet for half an hour is forgotten, and nothing else', () => {
  const sessions = new TokenSessions();
  const token = String(tokenOf(sessions));
  const known = (name: string) => sessions.open(KEY, CALLER, name)?.find(token)?.value;
  tokenOf(sessions, CALLER, 'sessions/b');
  vi.advanceTimersByTime(FORGOTTEN_AFTER_MS - 1_000);
  expect(known('sessions/a')).toBe('Maria Beispiel');
  vi.advanceTimersByTime(FORGOTTEN_AFTER_MS - 1_000);
  expect(known('sessions/a')).toBe('Maria Beispiel');
  vi.advanceTimersByTime(FORGOTTEN_AFTER_MS);
  expect(known('sessions/a')).toBeUndefined();
});

test('with too many values the session that was quiet longest is forgotten', () => {
  const sessions = new TokenSessions(20);
  const token = String(tokenOf(sessions));
  const running = sessions.open(KEY, CALLER, 'sessions/a');
  for (let index = 0; index < 5; index++) {
    const value = `0048291${index}`;
    sessions.open(KEY, CALLER, 'sessions/b')?.take('MRN', value, value);
  }
  expect(sessions.open(KEY, CALLER, 'sessions/a')?.find(token)).toBeUndefined();
  // An exchange that runs goes on with what it has.
  expect(running?.find(token)?.value).toBe('Maria Beispiel');
});

describe('an erasure', () => {
  const A = { session: 'sessions/a', revision: 6n };
  const at = (revision: bigint, sessions: (typeof A)[] = [], since = 0n, epoch = 'one') => ({
    epoch,
    revision,
    forgotten: { sessions, since },
  });

  /** Two sessions with a value each, and what is known of it. */
  function pair() {
    const sessions = new TokenSessions();
    sessions.apply(at(5n));
    const [a, b] = ['sessions/a', 'sessions/b'].map((name) => {
      const token = String(tokenOf(sessions, CALLER, name));
      return () => sessions.open(KEY, CALLER, name)?.find(token)?.value;
    }) as [() => string | undefined, () => string | undefined];
    return { sessions, a, b };
  }

  test('makes a plane forget its session, once, and no other', () => {
    const { sessions, a, b } = pair();
    sessions.apply(at(6n, [A]));
    expect([a(), b()]).toEqual([undefined, 'Maria Beispiel']);
    // What was said since is known until the next one.
    tokenOf(sessions);
    sessions.apply(at(7n, [A]));
    expect(a()).toBe('Maria Beispiel');
    sessions.apply(at(8n, [{ ...A, revision: 8n }]));
    expect(a()).toBeUndefined();
  });

  test('is heard of by a plane that was away, and makes it forget all where it may have missed one', () => {
    const away = pair();
    away.sessions.apply(at(40n, [A], 5n));
    expect([away.a(), away.b()]).toEqual([undefined, 'Maria Beispiel']);
    const long = pair();
    long.sessions.apply(at(400n, [{ ...A, session: 'sessions/c', revision: 399n }], 6n));
    expect([long.a(), long.b()]).toEqual([undefined, undefined]);
    const anew = pair();
    anew.sessions.apply(at(1n, [], 0n, 'two'));
    expect([anew.a(), anew.b()]).toEqual([undefined, undefined]);
  });

  test('reaches what an exchange that is under way knows, also of a session that had no room any more', () => {
    const sessions = new TokenSessions(20);
    sessions.apply(at(5n));
    const token = String(tokenOf(sessions));
    const running = sessions.open(KEY, CALLER, 'sessions/a');
    for (let index = 0; index < 9; index++) tokenOf(sessions, CALLER, `sessions/other-${index}`);
    expect(sessions.open(KEY, CALLER, 'sessions/a')).not.toBe(running);
    expect([running?.find(token)?.value, running?.isForgotten]).toEqual(['Maria Beispiel', false]);
    sessions.apply(at(6n, [A]));
    expect([running?.find(token), running?.expand(token), running?.isForgotten]).toEqual([
      undefined,
      token,
      true,
    ]);
  });

  test('takes no room away from what is said afterwards', () => {
    const sessions = new TokenSessions(20);
    for (let revision = 5n; revision < 40n; revision++) {
      tokenOf(sessions);
      sessions.apply(at(revision, [{ ...A, revision }]));
    }
    const token = String(tokenOf(sessions));
    tokenOf(sessions, CALLER, 'sessions/b');
    expect(sessions.open(KEY, CALLER, 'sessions/a')?.find(token)?.value).toBe('Maria Beispiel');
  });
});
