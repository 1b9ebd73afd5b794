import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { controlPlaneUrl } from '../../../cli/connect/address.ts';

const read = (typed: string, allowPlaintext = false) =>
  controlPlaneUrl(typed, allowPlaintext, { XDG_CONFIG_HOME: tmpdir() });

test('the URL has no slash at its end', async () => {
  expect(await read('https://sworn.example.org/cp//')).toBe('https://sworn.example.org/cp');
});

test('plain HTTP is for this machine, or where it is allowed', async () => {
  expect(await read('http://127.0.0.1:8480')).toBe('http://127.0.0.1:8480');
  await expect(read('http://sworn.example.org')).rejects.toThrow('would show your token to the network');
  expect(await read('http://sworn.example.org', true)).toBe('http://sworn.example.org');
});

test.each([
  'https://me@a.example',
  'https://:x@a.example',
  'https://a.example/?x',
  'https://a.example/?',
  'https://a.example#',
])('refuses %s, of which not all would reach the control plane', async (typed) => {
  await expect(read(typed)).rejects.toThrow('may have no user, query or fragment');
});
