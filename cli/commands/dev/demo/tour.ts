import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure } from '../../../failure.ts';
import { CONTROL_PLANE_AUDIENCE } from '../identity-provider.ts';
import type { Stack } from '../stack.ts';
import type { Finished, Running, Shell } from './shell.ts';

const ORDINARY = 'Summarise the last visit of patient 4711.';
const RISKY = 'List all patients who are due for a flu shot this week.';
const TOO_MUCH = 'Export the charts of every patient, I want to work on them at home.';
/** The example's exit code for a refused request. */
const REFUSED = 3;
const QUEUE_TIMEOUT_MS = 60_000;
const QUEUE_POLL_MS = 200;
/** Of a long line of JSON. */
const SHOWN_CHARACTERS = 200;

/** The four chapters. Throws CommandFailure when anything does not go as told. */
export async function tour(stack: Stack, shell: Shell, signal: AbortSignal): Promise<void> {
  const clinician = async () => ({
    OPENAI_BASE_URL: stack.openaiBaseUrl,
    OPENAI_API_KEY: await stack.token({ user: 'clinician' }),
  });
  const as = async (user: string) => ({
    SWORN_CONTROL_PLANE: stack.controlPlaneUrl,
    SWORN_TOKEN: await stack.token({ user, audience: CONTROL_PLANE_AUDIENCE }),
  });

  shell.chapter('1. An ordinary question', [
    'A clinician asks about one patient. The agent calls a tool of its own and streams the answer.',
    'Policy allows it. The provider answers with names and numbers; they are masked while they stream.',
  ]);
  expectCode(await shell.agent(ORDINARY, await clinician()).done, 0);

  shell.chapter('2. A risky question, approved', [
    'The same clinician asks for many patients at once. Policy wants a reviewer to look at it first:',
    'the request is held, and nothing has left.',
  ]);
  const held = shell.agent(RISKY, await clinician());
  const approval = await waitForApproval(shell, await as('reviewer'), signal, held);
  shell.note('The reviewer sees the queue, and what is asked:');
  expectCode(await shell.sworn(['approval', 'list'], await as('reviewer')).done, 0);
  expectCode(await shell.sworn(['approval', 'show', approval], await as('reviewer')).done, 0);
  const yes = ['approval', 'approve', approval, '--reason', 'weekly vaccination round'];
  expectCode(await shell.sworn(yes, await as('reviewer')).done, 0);
  shell.note('The held request goes on, and its answer arrives:');
  expectCode(await held.done, 0);

  shell.chapter('3. Another risky question, denied', [
    'This time the reviewer says no. The program gets a PermissionDeniedError that it can read.',
  ]);
  const refused = shell.agent(TOO_MUCH, await clinician());
  const second = await waitForApproval(shell, await as('reviewer'), signal, refused);
  const no = ['approval', 'deny', second, '--reason', 'charts do not leave the hospital'];
  expectCode(await shell.sworn(no, await as('reviewer')).done, 0);
  expectCode(await refused.done, REFUSED);

  shell.chapter("4. The auditor's side", [
    'Everything was recorded outside the application, before it left and before it came back.',
  ]);
  const auditor = await as('auditor');
  expectCode(await shell.sworn(['audit', 'sessions'], auditor).done, 0);
  const session = await firstSession(shell, auditor);
  shell.note('The first session again, as it was delivered, at its own pace:');
  expectCode(await shell.sworn(['audit', 'replay', session], auditor).done, 0);
  shell.note('Its records: each names its writer, its place in the chain, and what was decided:');
  expectCode(await shell.sworn(['audit', 'records', '--session', session], auditor).done, 0);
  shell.note('And everything as JSON Lines:');
  const file = join(stack.directory, 'exchanges.jsonl');
  expectCode(await shell.sworn(['audit', 'export', '--content', '--out', file], auditor).done, 0);
  const [line = ''] = (await readFile(file, 'utf8')).split('\n', 1);
  shell.note(`Its first line begins: ${line.slice(0, SHOWN_CHARACTERS)} …`);
  shell.chapter('That was it', [
    'npm start keeps such a stack running for your own application; README.md says how to use it.',
  ]);
}

/** The name of the approval that waits; polls as a reviewer's program would. */
async function waitForApproval(
  shell: Shell,
  env: Record<string, string>,
  signal: AbortSignal,
  asking: Running,
): Promise<string> {
  const words = ['approval', 'list', '--state', 'pending', '--output', 'json'];
  let ended = false;
  const end = () => {
    ended = true;
  };
  asking.done.then(end, end);
  const deadline = performance.now() + QUEUE_TIMEOUT_MS;
  while (!ended && performance.now() < deadline) {
    const listed = await shell.sworn(words, env, { quiet: true }).done;
    expectCode(listed, 0);
    const [first] = (JSON.parse(listed.stdout) as { approvals: { name: string }[] }).approvals;
    if (first !== undefined) return first.name;
    await new Promise((resolve) => setTimeout(resolve, QUEUE_POLL_MS));
    signal.throwIfAborted();
  }
  throw new CommandFailure('the request did not wait for a reviewer');
}

/** The oldest session. */
async function firstSession(shell: Shell, env: Record<string, string>): Promise<string> {
  const listed = await shell.sworn(['audit', 'sessions', '--output', 'json'], env, { quiet: true }).done;
  expectCode(listed, 0);
  const last = (JSON.parse(listed.stdout) as { sessions: { name: string }[] }).sessions.at(-1);
  if (last === undefined) throw new CommandFailure('the record has no session');
  return last.name;
}

function expectCode(finished: Finished, code: number): void {
  if (finished.code === code) return;
  throw new CommandFailure(`the demo stopped: a program ended with ${finished.code} instead of ${code}`);
}
