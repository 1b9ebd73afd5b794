import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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
