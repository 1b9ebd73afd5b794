import { expect, test } from 'vitest';
import { numbered } from '#core/phi/replace/numbered.ts';
import { MaskSessions } from '../../../data-plane/mask/sessions.ts';

const KEY = new Uint8Array(32).fill(7);

function number(sessions: MaskSessions, name: string, value: string): string | undefined {
  return numbered('PERSON', value, sessions.open(KEY, name));
}

test('a session goes on with its numbers, exchanges that run side by side included', () => {
  const sessions = new MaskSessions();
  const [one, other] = [sessions.open(KEY, 'sessions/a'), sessions.open(KEY, 'sessions/a')];
  expect(numbered('PERSON', 'Jane Doe', one)).toBe('[PERSON_1]');
  expect(numbered('PERSON', 'Max Roe', other)).toBe('[PERSON_2]');
  expect(number(sessions, 'sessions/a', 'Jane Doe')).toBe('[PERSON_1]');
  expect(number(sessions, 'sessions/b', 'Max Roe')).toBe('[PERSON_1]');
  expect(one?.now.getTime()).toBeLessThanOrEqual(Date.now());
});

test('without a key there is no session', () => {
  expect(new MaskSessions().open(new Uint8Array(), 'sessions/a')).toBeUndefined();
});

test('the sessions that were quiet longest are forgotten, and what runs in them takes no more room', () => {
  // Room for two sessions with five values each.
  const sessions = new MaskSessions(20);
  const quiet = sessions.open(KEY, 'sessions/quiet');
  numbered('PERSON', 'Jane Doe', quiet);
  for (const value of ['a', 'b', 'c', 'd']) number(sessions, 'sessions/busy', value);
  expect(number(sessions, 'sessions/quiet', 'Max Roe')).toBe('[PERSON_2]');
  number(sessions, 'sessions/new', 'e');
  expect(number(sessions, 'sessions/quiet', 'Jane Doe')).toBe('[PERSON_1]');
  expect(number(sessions, 'sessions/quiet', 'Ann Poe')).toBe('[PERSON_3]');
  expect(number(sessions, 'sessions/busy', 'd')).toBe('[PERSON_1]');
  for (const value of ['f', 'g', 'h', 'i', 'j', 'k']) number(sessions, 'sessions/new', value);
  // Forgotten by now, it goes on by itself.
  for (let i = 0; i < 50; i++) numbered('PERSON', `q${i}`, quiet);
  expect(numbered('PERSON', 'q49', quiet)).toBe('[PERSON_53]');
  expect(number(sessions, 'sessions/new', 'k')).toBe('[PERSON_7]');
  expect(number(sessions, 'sessions/quiet', 'Max Roe')).toBe('[PERSON_1]');
});

test('a session with more values than there is room for begins anew, and others stay usable', () => {
  const sessions = new MaskSessions(20);
  for (let i = 0; i < 100; i++) number(sessions, 'sessions/huge', `v${i}`);
  expect(number(sessions, 'sessions/a', 'Jane Doe')).toBe('[PERSON_1]');
  expect(number(sessions, 'sessions/a', 'Max Roe')).toBe('[PERSON_2]');
  expect(number(sessions, 'sessions/a', 'Jane Doe')).toBe('[PERSON_1]');
});
