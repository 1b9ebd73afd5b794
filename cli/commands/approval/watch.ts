import { setTimeout as wait } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import { Command } from 'commander';
import { type Approval, ApprovalSchema, State, StateSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { ErrorDetailSchema } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { required } from '../../connect/required.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { callerName, countsText, enumWord, shortName } from '../../output/names.ts';
import { messageJson, printStreamed } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import { formatUntil } from '../../output/time.ts';
import { renderApproval } from './render.ts';

const RECONNECT_MIN_MS = 500;
const RECONNECT_MAX_MS = 30_000;

interface WatchOptions {
  readonly prompts?: boolean;
}

/** `sworn approval watch`: a line for each approval that comes or changes, until Ctrl-C. */
export function createWatchCommand(): Command {
  const command = new Command('watch')
    .summary('follow the approvals addressed to you')
    .description(
      'Prints the approvals that wait for you, then every change, until Ctrl-C; connects again when the control plane\n' +
        'goes away. With --output json: one JSON object a line.',
    )
    .option(
      '--prompts',
      'show the prompt of each that waits, with findings highlighted; the readings are recorded',
    )
    .action((options: WatchOptions, self: Command) =>
      invoke(self, (invocation) => watch(invocation, options)),
    );
  return withExamples(
    command,
    ['sworn approval watch', ''],
    ['sworn approval watch --prompts', 'to decide on them as they come'],
    ['sworn approval watch --output json | jq -c .name', 'for a script'],
  );
}

async function watch(invocation: Invocation, options: WatchOptions): Promise<void> {
  const { signal, output } = invocation;
  let connected = false;
  let pauseMs = RECONNECT_MIN_MS;
  while (!signal.aborted) {
    let isOpen = false;
    try {
      for await (const { approval } of invocation.client(ApprovalService).watchApprovals({})) {
        isOpen = true;
        connected = true;
        pauseMs = RECONNECT_MIN_MS;
        if (approval !== undefined) await printApproval(invocation, approval, options);
      }
    } catch (error) {
      if (signal.aborted) return;
      // That of a login is renewed by the next call; one that is given stays as it is, and is refused then.
      if (isOpen && hasExpired(error)) continue;
      // The first connection has to work: a wrong address should not be tried for ever.
      if (!connected || !isPassing(error)) throw error;
    }
    if (signal.aborted) return;
    output.note(`the control plane went away; connecting again in ${Math.ceil(pauseMs / 1_000)}s`);
    await wait(pauseMs / 2 + (Math.random() * pauseMs) / 2, undefined, { signal }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, RECONNECT_MAX_MS);
  }
}

/** Whether a broken stream may work again: the connection, a drain or a restart, and no refusal. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof ConnectError &&
    [Code.Unavailable, Code.Aborted, Code.Internal, Code.Unknown, Code.DeadlineExceeded].includes(error.code)
  );
}

/** Whether a token has run out while the stream ran. */
function hasExpired(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  return error.findDetails(ErrorDetailSchema)[0]?.metadata['cause'] === 'expired_token';
}

async function printApproval(
  { client, output }: Invocation,
  approval: Approval,
  { prompts = false }: WatchOptions,
): Promise<void> {
  if (prompts && approval.state === State.PENDING) {
    const { name } = approval;
    const read = required((await client(ApprovalService).getApproval({ name })).approval, 'approval');
    if (output.format !== 'table') return printStreamed(output, messageJson(ApprovalSchema, read));
    const reader = await client(IdentityService).whoAmI({});
    return output.write(`${renderApproval(read, Date.now(), output, reader)}\n`);
  }
  if (output.format !== 'table') return printStreamed(output, messageJson(ApprovalSchema, approval));
  const left = formatUntil(approval.expireTime, Date.now());
  const parts = [
    enumWord(StateSchema, approval.state).padEnd('withdrawn'.length),
    shortName(approval.name),
    callerName(approval.caller),
    approval.model,
    `${shortName(approval.policy)}/${approval.rule}`,
    countsText(approval.findings),
    approval.decidedBy === undefined ? `expires in ${left}` : `by ${callerName(approval.decidedBy)}`,
  ];
  await output.write(`${sanitiseLine(parts.filter((part) => part !== '').join('  '))}\n`);
}
