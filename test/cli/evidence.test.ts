import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  AuditService,
  type ListGapsRequest,
  type ListGapsResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { GapKind, GapWitness, Presence } from '#proto/sworn/audit/v1/gap_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { EvidenceService } from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home, type Run } from './env/sworn.ts';

type Told = Exclude<MessageInitShape<typeof ListGapsResponseSchema>, { $typeName: string }>;

let controlPlane: TestControlPlane;
let home: Home;
let asked: ListGapsRequest | undefined;
let told: Told;
let rotations = 0;

const IDLE = { plane: 'planes/p1', displayName: 'eu', presence: Presence.IDLE, epoch: 4n, storedSeq: 12n };
const STOPPED = { ...IDLE, plane: 'planes/p2', presence: Presence.STOPPED };
const WAITING = { ...IDLE, plane: 'planes/p3', presence: Presence.WAITING };
const SILENT = { ...IDLE, plane: 'planes/p4', presence: Presence.SILENT };
const gap = (kind: GapKind, lastSeq = 7n) => ({
  kind,
  plane: 'planes/p1',
  epoch: 3n,
  firstSeq: 5n,
  lastSeq,
  witness: GapWitness.HEAD,
});
const head = { plane: 'planes/p1', epoch: 3n, seq: 5n, digest: new Uint8Array(32) };
const ALARM = { plane: 'planes/p1', stored: head, offered: head, time: timestampFromDate(new Date(0)) };

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(AuditService, {
      listGaps: (request) => {
        asked = request;
        return told;
      },
      getExchange: () => {
        throw refusal(Code.DataLoss, Reason.CONTENT_ALTERED, 'the content is not what was recorded');
      },
    });
    router.service(EvidenceService, {
      listEvidenceKeys: () => ({
        evidenceKeys: [
          { name: 'evidenceKeys/new', current: true, available: true },
          { name: 'evidenceKeys/old', current: false, available: false },
        ],
      }),
      rotateEvidenceKey: () => {
        rotations += 1;
        return { evidenceKey: { name: 'evidenceKeys/newer', current: true, available: true } };
      },
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});
beforeEach(() => {
  told = {};
});

const run = (...args: string[]): Promise<Run> =>
  home.call(args, { env: { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'token' } });

test('a whole record ends with 0: planes that are idle, stopped or have records to come are no gap', async () => {
  told = { planes: [IDLE, STOPPED, WAITING], gaps: [gap(GapKind.WAITING)] };
  const { exitCode, stdout, stderr } = await run('audit', 'gaps');
  expect([exitCode, stderr]).toEqual([0, 'no gaps\n']);
  for (const word of ['IDLE', 'STOPPED', 'WAITING']) expect(stdout).toContain(word);
  expect(stdout).toContain('5-7');
});

test.each<[string, Told, RegExp, RegExp]>([
  ['loss', { gaps: [gap(GapKind.MISSING)] }, /MISSING +planes\/p1 +3 +5-7 +the plane signed/, /1 missing$/m],
  ['an open epoch', { gaps: [gap(GapKind.UNCLOSED, 0n)] }, /UNCLOSED +planes\/p1 +3 +5-\? /, /1 unclosed$/m],
  ['silence', { planes: [IDLE, SILENT] }, /^p4 +eu +SILENT/m, /1 silent$/m],
  ['an alarm', { alarms: [ALARM] }, /ALARM +planes\/p1 +3 +5 +the plane said two different/, /1 alarm$/m],
])('%s ends with 6 and is shown', async (_what, answer, shown, words) => {
  told = answer;
  const { exitCode, stdout, stderr } = await run('audit', 'gaps');
  expect(exitCode).toBe(6);
  expect(stdout).toMatch(shown);
  expect(stderr).toMatch(words);
});

test('in JSON the answer is whole, and the failure is an object beside it', async () => {
  told = { gaps: [gap(GapKind.MISSING)], planes: [SILENT] };
  const { exitCode, stdout, stderr } = await run('audit', 'gaps', '--output', 'json');
  expect(exitCode).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({
    gaps: [{ kind: 'GAP_KIND_MISSING', firstSeq: '5', lastSeq: '7' }],
    planes: [{ presence: 'PRESENCE_SILENT' }],
    alarms: [],
  });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'gaps_found', exitCode: 6 } });
});

test('asks for what was typed', async () => {
  await run('audit', 'gaps', '--plane', 'p1', '--silent-after', '5m', '--since', '2026-03-01');
  expect(asked).toMatchObject({ plane: 'planes/p1', silentAfter: { seconds: 300n } });
  expect(asked?.since?.seconds).toBe(BigInt(Date.UTC(2026, 2, 1) / 1_000));
  const { exitCode, stderr } = await run('audit', 'gaps', '--silent-after', 'soon');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('90s, 5m or 1h');
});

test('evidence keys are listed and rotated', async () => {
  const { stdout } = await run('evidence-key', 'list');
  expect(stdout).toMatch(/^new +CURRENT +yes/m);
  expect(stdout).toMatch(/^old +OLD +NO/m);
  const rotated = await run('evidence-key', 'rotate');
  expect(rotated).toMatchObject({ exitCode: 0, stdout: 'evidenceKeys/newer is current\n' });
  expect(rotated.stderr).toContain('back its file up');
  expect(rotations).toBe(1);
});

test('content that was altered is a failed verification', async () => {
  const { exitCode, stderr } = await run('audit', 'show', 'exchanges/0199f3c2-7e10-7000-8000-000000000001');
  expect(exitCode).toBe(6);
  expect(stderr).toContain('keep a copy as it is');
});
