import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { NotificationState } from '#proto/sworn/notification/v1/notification_pb.ts';
import {
  type CreateNotifierRequest,
  type ListNotificationsRequest,
  NotificationService,
  type UpdateNotifierRequest,
} from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { ReviewState, Verdict } from '#proto/sworn/review/v1/review_pb.ts';
import { type CompleteReviewRequest, ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home, type Run } from './env/sworn.ts';

const ID = '0199f3c2-7e10-7000-8000-000000000001';
const SECRET = 'whsec_dmVyeS1zZWNyZXQtdmVyeS1zZWNyZXQ=';
let controlPlane: TestControlPlane;
let home: Home;
const created: CreateNotifierRequest[] = [];
const updated: UpdateNotifierRequest[] = [];
const listed: ListNotificationsRequest[] = [];
const completed: CompleteReviewRequest[] = [];

beforeAll(async () => {
  home = createHome();
  writeFileSync(join(home.path, 'secret'), `${SECRET}\n`);
  controlPlane = await startControlPlane((router) => {
    router.service(NotificationService, {
      createNotifier: (request) => {
        created.push(request);
        return {
          notifier: { name: `notifiers/${request.notifierId}`, spec: request.notifier?.spec } as never,
        };
      },
      updateNotifier: (request) => {
        updated.push(request);
        return { notifier: { name: request.notifier?.name ?? '' } };
      },
      listNotifications: (request) => {
        listed.push(request);
        const dead = { name: `notifications/${ID}`, notifier: 'notifiers/pager', event: 'alarm.log_forked' };
        return {
          notifications: [{ ...dead, state: NotificationState.DEAD, attempts: 12, lastError: 'status 500' }],
        };
      },
    });
    router.service(ReviewService, {
      getReview: ({ name }) => ({
        review: {
          name,
          state: ReviewState.PENDING,
          overdue: true,
          dueTime: timestampFromDate(new Date('2026-03-01T09:30:00Z')),
          caller: { subject: 'ana' },
          prompt: {
            body: Buffer.from('{"input":"all of it\\u001b]0;owned\\u0007"}'),
            breakGlassJustification: 'bed 4\x1b[2J',
          },
        },
      }),
      completeReview: (request) => {
        completed.push(request);
        if (request.reason === 'again') {
          throw refusal(Code.FailedPrecondition, Reason.REVIEW_NOT_PENDING, 'it is completed already');
        }
        return { review: { name: request.name, verdict: request.verdict, completedBy: { subject: 'rev' } } };
      },
    });
  });
});
beforeEach(() => {
  for (const list of [created, updated, listed, completed]) list.length = 0;
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

function sworn(...args: string[]): Promise<Run> {
  return home.call(args, { env: { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'tok' } });
}
const secretFile = () => `file:${join(home.path, 'secret')}`;

test('a notifier is made with its secret, which is not shown', async () => {
  const url = 'https://hooks.example.org/';
  const run = await sworn(
    ...['notifier', 'create', 'pager', '--webhook', url, '--secret-from', secretFile()],
    ...['--event', 'alarm', '--event', 'review.overdue', '--group', 'privacy-office'],
  );
  expect(run.exitCode).toBe(0);
  expect(run.stdout + run.stderr).not.toContain(SECRET.slice(6));
  const events = ['alarm', 'review.overdue'];
  expect(created[0]).toMatchObject({
    notifierId: 'pager',
    secret: SECRET,
    notifier: { spec: { channel: { case: 'webhook', value: { url } }, events, groups: ['privacy-office'] } },
  });
});

test.each([
  [['--webhook', 'https://a.example.org'], '--webhook takes --secret-from'],
  [['--email', 'a@example.org', '--secret-from', 'env:X'], '--secret-from is for --webhook'],
  [['--email', 'a@example.org', '--slack-from', 'env:X'], 'give one of'],
  [[], 'give one of'],
  [['--slack-from', 'https://hooks.example.org/s3cr3t'], '--slack-from takes file:PATH'],
])('a notifier that is half told is a mistake: %j', async (args, words) => {
  const run = await sworn('notifier', 'create', 'pager', ...args);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(words);
  expect(run.stderr).not.toContain('s3cr3t');
  expect(created).toEqual([]);
});

test('an update writes what is given, and nothing else', async () => {
  await sworn('notifier', 'update', 'pager', '--event', 'all', '--email', 'a@example.org');
  expect(updated[0]?.updateMask?.paths).toEqual(['spec.email.to', 'spec.events']);
  expect(updated[0]?.notifier).toMatchObject({ name: 'notifiers/pager', spec: { events: [] } });
  await sworn('notifier', 'update', 'pager', '--secret-from', secretFile());
  expect(updated[1]?.secret).toBe(SECRET);
  expect(updated[1]?.updateMask).toBeUndefined();
  expect((await sworn('notifier', 'update', 'pager')).exitCode).toBe(2);
});

test('dead letters are listed with why', async () => {
  const run = await sworn('notification', 'list', '--dead');
  expect(listed[0]?.states).toEqual([NotificationState.DEAD]);
  expect(run.stdout.split('\n')[1]).toMatch(
    new RegExp(`^${ID} +dead +alarm.log_forked +pager +.*12 +status 500`),
  );
});

test('a review shows why, with controls written out; it takes one verdict and a reason', async () => {
  const show = await sworn('review', 'show', ID);
  for (const part of [
    'overdue',
    'since 2026-03-01 09:30:00Z',
    'bed 4\\x1b[2J',
    'all of it\\x1b]0;owned\\x07',
  ])
    expect(show.stdout).toContain(part);
  expect(show.stdout).not.toContain('\x1b');
  // Each can be pasted.
  for (const verdict of ['--justified', '--unjustified'])
    expect(show.stdout).toMatch(
      new RegExp(`^.{6}sworn review complete ${ID} ${verdict} --reason TEXT$`, 'm'),
    );
  const done = await sworn('review', 'complete', ID, '--unjustified', '--reason', 'no emergency');
  expect(done.stdout).toBe(`reviews/${ID} unjustified by rev\n`);
  expect(completed[0]).toMatchObject({ verdict: Verdict.UNJUSTIFIED, reason: 'no emergency' });
  const [both, none, again] = await Promise.all([
    sworn('review', 'complete', ID, '--justified', '--unjustified', '--reason', 'x'),
    sworn('review', 'complete', ID, '--justified'),
    sworn('review', 'complete', ID, '--justified', '--reason', 'again'),
  ]);
  expect([both.exitCode, none.exitCode, again.exitCode]).toEqual([2, 2, 1]);
  expect(again.stderr).toContain('sworn review list --completed');
});
