import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { Code } from '@connectrpc/connect';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { EvidenceKeySchema, UpstreamGrantSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { type Control, type ControlOptions, startControl } from '../../../data-plane/control/control.ts';
import { silent } from '../spool/env.ts';
import { JOIN_TOKEN, PlaneServer } from './plane-server.ts';

const detector = createDetector();
/** With it everybody agrees on the same key (RFC 7748, section 6.1). */
const USELESS_KEY = create(EvidenceKeySchema, { id: 'useless', publicKey: new Uint8Array(32) });
let server: PlaneServer;
let stateDirectory: string;
let started: Control[] = [];

beforeEach(async () => {
  server = new PlaneServer();
  await server.start();
  stateDirectory = await mkdtemp(join(tmpdir(), 'sworn-test-'));
});
afterEach(async () => {
  // They write to the directory that goes next.
  for (const control of started) await control.close({ deadlineMs: 0 });
  started = [];
  await server.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

function options(more: Partial<ControlOptions> = {}): ControlOptions {
  return {
    controlPlane: server.url,
    joinToken: JOIN_TOKEN,
    stateDirectory,
    maxStalenessMs: 60_000,
    version: '1.2.3',
    detector,
    logger: silent,
    silenceMs: 2_000,
    ...more,
  };
}

async function start(more: Partial<ControlOptions> = {}): Promise<Control> {
  const control = await startControl(options(more));
  started.push(control);
  return control;
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 10 });
const revision = (control: Control) => control.current()?.revision;
const allow = (name: string) => ({
  name,
  spec: { groups: ['*'], rules: [{ name: 'all', action: { case: 'allow' as const, value: {} } }] },
});

describe('enrolment', () => {
  test('joins once with the token, and keeps its identity for later starts', async () => {
    const first = await start();
    expect(first.plane).toBe('planes/test-1');
    await first.close({ deadlineMs: 0 });
    expect((await stat(join(stateDirectory, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect((await start({ joinToken: undefined })).plane).toBe('planes/test-1');
    expect(server.planes.size).toBe(1);
  });

  test('without identity and join token it says what to do', async () => {
    await expect(start({ joinToken: undefined })).rejects.toMatchObject({
      code: 'join_token_missing',
      message: expect.stringContaining('sworn plane join-token'),
    });
  });

  test('a join token that is used, unknown or expired is refused at once', async () => {
    server.joinTokens.clear();
    await expect(start()).rejects.toMatchObject({ code: 'join_token_refused' });
  });

  test('waits for a control plane that is not up yet, but not forever', async () => {
    await server.stop();
    await expect(start({ enrollTimeoutMs: 400 })).rejects.toMatchObject({
      code: 'control_plane_unreachable',
    });
    const starting = start();
    await server.start();
    expect((await starting).plane).toBe('planes/test-1');
  });

  test('a state directory with the records of another plane joins as nobody', async () => {
    await (await start()).close({ deadlineMs: 0 });
    await rm(join(stateDirectory, 'identity.json'));
    server.joinTokens.add('another');
    await expect(start({ joinToken: 'another' })).rejects.toMatchObject({
      code: 'state_foreign',
      message: expect.stringContaining(`move ${stateDirectory} away`),
    });
    expect([server.planes.size, server.joinTokens.size]).toEqual([1, 1]);
  });

  test('a damaged identity is not silently replaced', async () => {
    await writeFile(
      join(stateDirectory, 'identity.json'),
      '{"privateKey":"x","name":"planes/a","snapshotKey":"y"}',
    );
    await expect(start()).rejects.toMatchObject({ code: 'state_unreadable' });
  });
});

describe('snapshots', () => {
  test('applies each newer snapshot whole, keeps it sealed and for the owner only, and reports', async () => {
    const control = await start();
    expect(control.current()).toBeUndefined();
    server.publish(
      server.sign({
        epoch: 'e',
        revision: 1n,
        policies: [allow('policies/a')],
        upstreams: [
          {
            name: 'upstreams/openai',
            spec: { baseUrl: 'https://api.openai.com/v1' },
            credential: 'sk-secret',
          },
        ],
      }),
    );
    await until(() => expect(revision(control)).toBe(1n));
    expect(control.connected).toBe(true);
    expect(control.current()?.upstreams[0]?.credential).toBe('sk-secret');
    const kept = join(stateDirectory, 'snapshot.bin');
    await until(async () => expect((await stat(kept)).mode & 0o777).toBe(0o600));
    const content = await readFile(kept);
    for (const word of ['sk-secret', 'api.openai.com', 'policies/a']) {
      expect(content.includes(word), word).toBe(false);
    }
    server.publish(server.sign({ epoch: 'e', revision: 2n }));
    await until(() => expect(revision(control)).toBe(2n));
    await until(() =>
      expect(server.reports.at(-1)).toMatchObject({
        epoch: 'e',
        appliedRevision: 2n,
        applyError: '',
        version: '1.2.3',
      }),
    );
  });

  test.each([
    [
      'a forged signature',
      'bad_signature',
      () => server.sign({ epoch: 'e', revision: 9n }, generateKeyPairSync('ed25519').privateKey),
    ],
    [
      'a snapshot without an evidence key',
      'keys_missing',
      () => server.sign({ epoch: 'e', revision: 9n, evidenceKey: create(EvidenceKeySchema) }),
    ],
    [
      'an evidence key to which nothing can be sealed',
      'keys_missing',
      () => server.sign({ epoch: 'e', revision: 9n, evidenceKey: USELESS_KEY }),
    ],
    [
      'a snapshot without a receipt key',
      'keys_missing',
      () => server.sign({ epoch: 'e', revision: 9n, receiptKey: new Uint8Array() }),
    ],
    ['a lower revision', 'rolled_back', () => server.sign({ epoch: 'e', revision: 4n })],
    [
      'policies that do not compile',
      'does_not_compile',
      () =>
        server.sign({
          epoch: 'e',
          revision: 9n,
          policies: [
            allow('policies/a'),
            {
              name: 'policies/b',
              spec: {
                groups: ['*'],
                rules: [{ name: 'r', when: 'nonsense(', action: { case: 'allow', value: {} } }],
              },
            },
          ],
        }),
    ],
  ] as const)(
    '%s leaves the last good snapshot, is reported, and not tried again',
    async (_what, fault, sign) => {
      const lines: string[] = [];
      const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
      const control = await start({ logger });
      server.publish(server.sign({ epoch: 'e', revision: 5n }));
      await until(() => expect(revision(control)).toBe(5n));
      server.publish(sign());
      await until(() => expect(server.reports.at(-1)?.applyError).toMatch(fault));
      const watches = server.watches;
      await server.stop();
      await server.start();
      await until(() => expect(server.watches).toBeGreaterThanOrEqual(watches + 2));
      expect(revision(control)).toBe(5n);
      server.publish(server.sign({ epoch: 'e', revision: 10n }));
      await until(() => expect(revision(control)).toBe(10n));
      await until(() => expect(server.reports.at(-1)?.applyError).toBe(''));
      expect(lines.filter((line) => line.includes('snapshot refused'))).toHaveLength(1);
    },
  );

  test('a policy with a field of a newer version denies, and what else has one is left out', async () => {
    const field = [{ no: 9_999, wireType: WireType.Varint, data: Uint8Array.of(1) }];
    const upstream = (id: string) => ({
      name: `upstreams/${id}`,
      spec: { baseUrl: 'https://api.openai.com/v1' },
      credential: 'sk-secret',
    });
    const [newer, known] = [allow('policies/a'), allow('policies/b')].map((policy) =>
      create(PolicySchema, policy),
    );
    if (newer?.spec?.rules[0] !== undefined) newer.spec.rules[0].$unknown = field;
    const control = await start();
    server.publish(
      server.sign({
        epoch: 'e',
        revision: 1n,
        policies: [newer, known].filter((policy) => policy !== undefined),
        upstreams: [
          upstream('known'),
          { ...create(UpstreamGrantSchema, upstream('newer')), $unknown: field },
        ],
      }),
    );
    await until(() =>
      expect(server.reports.at(-1)?.applyError).toMatch(/^not_understood: .* policies\/a, upstreams\/newer:/),
    );
    expect(revision(control)).toBe(1n);
    const rules = control.current()?.policies.policies.map((policy) => policy.rules.map(({ name }) => name));
    expect(rules).toEqual([['not-understood'], ['all']]);
    expect(control.current()?.upstreams.map(({ name }) => name)).toEqual(['upstreams/known']);
    server.publish(server.sign({ epoch: 'e', revision: 2n, policies: [allow('policies/a')] }));
    await until(() => expect(server.reports.at(-1)).toMatchObject({ appliedRevision: 2n, applyError: '' }));
  });

  test('a store made anew counts its revisions from the start', async () => {
    const control = await start();
    server.publish(server.sign({ epoch: 'old', revision: 5n }));
    await until(() => expect(revision(control)).toBe(5n));
    server.publish(server.sign({ epoch: 'new', revision: 1n }));
    await until(() => expect(control.current()?.epoch).toBe('new'));
    server.publish(server.sign({ epoch: 'old', revision: 4n }));
    await until(() => expect(server.reports.at(-1)?.applyError).toMatch('rolled_back'));
    expect(control.current()?.epoch).toBe('new');
  });

  test('starts from the last good snapshot while the control plane is away, and catches up later', async () => {
    const first = await start();
    server.publish(server.sign({ epoch: 'e', revision: 3n, policies: [allow('policies/a')] }));
    await until(() => expect(revision(first)).toBe(3n));
    await first.close({ deadlineMs: 0 });
    await server.stop();
    const second = await start();
    expect(revision(second)).toBe(3n);
    expect(second.connected).toBe(false);
    server.publish(server.sign({ epoch: 'e', revision: 4n }));
    await server.start();
    await until(() => expect(revision(second)).toBe(4n));
  });

  test('past the longest staleness nothing is in force, over a restart too', async () => {
    const first = await start({ maxStalenessMs: 500 });
    server.publish(server.sign({ epoch: 'e', revision: 3n }));
    await until(() => expect(revision(first)).toBe(3n));
    await server.stop();
    await until(() => expect(first.current()).toBeUndefined());
    await first.close({ deadlineMs: 0 });
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes(join(stateDirectory, 'snapshot.bin'), hourAgo, hourAgo);
    const second = await start({ maxStalenessMs: 3_000_000 });
    expect(second.current()).toBeUndefined();
    await server.start();
    await until(() => expect(revision(second)).toBe(3n));
  });

  test('a stream that falls silent is opened again', async () => {
    server.silent = true;
    const control = await start({ silenceMs: 100 });
    await until(() => expect(server.watches).toBeGreaterThanOrEqual(4));
    server.silent = false;
    await until(() => expect(control.connected).toBe(true));
  });

  test('a revoked plane has nothing in force, and no credentials on its disk', async () => {
    let told = 0;
    const control = await start({ onRevoked: () => (told += 1) });
    server.publish(server.sign({ epoch: 'e', revision: 3n }));
    await until(() => expect(revision(control)).toBe(3n));
    server.revoked = true;
    await server.stop();
    await server.start();
    await until(() => expect(control.current()).toBeUndefined());
    expect(told).toBeGreaterThan(0);
    await until(() =>
      expect(stat(join(stateDirectory, 'snapshot.bin'))).rejects.toMatchObject({ code: 'ENOENT' }),
    );
  });
});

describe('approvals', () => {
  const never = new AbortController().signal;

  test('a decision reaches who waits, also after the stream was lost', async () => {
    const control = await start();
    const { name } = await control.requestApproval({ exchange: 'exchanges/1' }, never);
    const decided = control.decided(name, never);
    await server.stop();
    server.decide(name, State.APPROVED);
    await server.start();
    expect((await decided).state).toBe(State.APPROVED);
    expect((await control.decided(name, never)).state).toBe(State.APPROVED);
    const consumed = await control.consumeApproval(name, new Uint8Array(32), 'exchanges/1', never);
    expect(consumed.state).toBe(State.CONSUMED);
    await expect(
      control.consumeApproval(name, new Uint8Array(32), 'exchanges/1', never),
    ).rejects.toMatchObject({
      code: Code.FailedPrecondition,
    });
  });

  test('a question outlasts a short absence of the control plane, and ends with its signal', async () => {
    const control = await start();
    await server.stop();
    const asked = control.requestApproval({ exchange: 'exchanges/1' }, never);
    const impatient = control.requestApproval({ exchange: 'exchanges/2' }, AbortSignal.timeout(100));
    await expect(impatient).rejects.toBeDefined();
    await server.start();
    expect((await asked).name).toBe('approvals/1');
  });

  test('waiting ends with its signal, and when the plane stops', async () => {
    const control = await start();
    const gone = new AbortController();
    const waiting = control.decided('approvals/1', gone.signal);
    gone.abort(new Error('client gone'));
    await expect(waiting).rejects.toThrow('client gone');
    const other = control.decided('approvals/1', never);
    const stopped = expect(other).rejects.toThrow('the plane stops');
    await control.close({ deadlineMs: 0 });
    await stopped;
  });

  test('a withdrawal is sent in the background', async () => {
    const control = await start();
    control.withdrawApproval('approvals/1');
    await until(() => expect(server.withdrawn).toEqual(['approvals/1']));
  });
});
