import { expect, test } from 'vitest';
import { SettingsError } from '#core/settings/settings.ts';
import { loadSettings } from '../../witness/config/load.ts';
import { TestLog } from './env.ts';

const log = new TestLog();
const load = (flags: Record<string, string>) => loadSettings({ flags, env: {}, file: undefined });

async function faultsOf(flags: Record<string, string>): Promise<readonly string[]> {
  const error = await load(flags).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SettingsError);
  return (error as SettingsError).faults;
}

test('the keys of several logs', async () => {
  const two = new TestLog('log.example.org/two');
  const settings = await load({ witnessName: 'w.example.org', logKeys: `${log.vkey},${two.vkey}` });
  expect(settings.logKeys.map(({ name }) => name)).toEqual([log.origin, two.origin]);
});

test('a name is needed, and the key of a log', async () => {
  expect((await faultsOf({})).join()).toContain('witnessName: is not set');
  expect((await faultsOf({ witnessName: 'w' })).join()).toContain('logKeys: is not set; give --log-keys');
});

test('all faults at once, each with its value', async () => {
  const changed = log.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+');
  const faults = await faultsOf({ witnessName: 'a b', logKeys: `${changed},x`, listen: '0.0.0.0:1' });
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['listen', 'witnessName', 'logKeys', 'logKeys']);
  expect(faults[2]).toContain(changed);
});
