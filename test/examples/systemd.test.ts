import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SETTINGS as CONTROL_PLANE } from '../../control-plane/config/settings.ts';
import { SETTINGS as DATA_PLANE } from '../../data-plane/config/settings.ts';
import { SETTINGS as WITNESS } from '../../witness/config/settings.ts';

/** What a data plane may take beyond its drain deadline (docs/operations.md, "Health and stopping"), in seconds. */
const AFTER_DRAIN_S = 6;

test.each([
  ['control-plane', CONTROL_PLANE],
  ['data-plane', DATA_PLANE],
  ['witness', WITNESS],
])(
  'the unit of the %s starts it, gives it the time that it needs to stop, and keeps its memory off the disk',
  async (program, settings) => {
    const text = await readFile(`examples/systemd/sworn-${program}.service`, 'utf8');
    const given = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
    expect(given('ExecStart')).toMatch(
      new RegExp(
        `^/opt/sworn/\\S+/node /opt/sworn/bin/sworn.js ${program} --config /etc/sworn/${program}.yaml$`,
      ),
    );
    expect(given('User')).toBe(`sworn-${program}`);
    expect(given('StateDirectory')).toBe(`sworn/${program}`);
    const drainS = (settings.drainDeadline.fallback ?? 0) / 1_000;
    expect(drainS).toBeGreaterThan(0);
    expect(Number(given('TimeoutStopSec'))).toBeGreaterThan(drainS + AFTER_DRAIN_S);
    expect([given('KillMode'), given('LimitCORE')]).toEqual(['mixed', '0']);
    // Under it V8 cannot start.
    expect(text).not.toMatch(/^MemoryDenyWriteExecute=/m);
  },
);
