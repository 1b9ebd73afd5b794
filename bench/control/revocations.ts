import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { answerText } from '../../test/env/answers.ts';
import type { Deployment } from './deployment.ts';

/** What is revoked. */
export const TARGETS = ['caller', 'jti', 'session'] as const;
export type Target = (typeof TARGETS)[number];

/** Between an answer and the next question of a caller: what is read is later than what happened by this and one request. */
const PAUSE_MS = 5;
const REFUSED_TIMEOUT_MS = 30_000;
const RECORDED_TIMEOUT_MS = 30_000;
const RECORDED_POLL_MS = 20;

/** From the return of the admin's call to the first refusal that the caller got, in milliseconds. */
export interface Refusal {
  readonly target: Target;
  readonly plane: number;
  readonly afterMs: number;
}

interface Asker {
  readonly token: string;
  readonly session: string;
}

/** Revokes a new caller, token or session in each round, while it asks every plane all the time; by each replica in turn. */
export async function measureRevocations(deployment: Deployment, rounds: number): Promise<Refusal[]> {
  deployment.provider.behave(answerText('done'));
  const admins = deployment.planes.map((_, replica) => deployment.api(IdentityService, 'admin', replica));
  const refusals: Refusal[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const target = TARGETS[round % TARGETS.length] as Target;
    const asker = { token: await deployment.token(`clinician-${round}`), session: `bench-${round}` };
    const revoked = await targetOf(deployment, target, asker);
    const polls = deployment.planes.map((plane) => untilRefused(plane, asker));
    await Promise.all(polls.map(({ begun }) => begun));
    await admins[round % admins.length]?.createRevocation({ target: revoked, reason: 'a benchmark' });
    const returnedMs = performance.now();
    const refusedMs = await Promise.all(polls.map(({ refused }) => refused));
    for (const [plane, endMs] of refusedMs.entries()) {
      refusals.push({ target, plane, afterMs: endMs - returnedMs });
    }
  }
  return refusals;
}

/** Whom to revoke; of a session the name that records give it. */
async function targetOf(deployment: Deployment, target: Target, asker: Asker) {
  const { sub = '', jti } = decodeJwt(asker.token);
  if (target === 'caller') return { subject: sub };
  if (target === 'jti') return { tokenId: String(jti) };
  const answer = await ask(deployment.planes[0] ?? '', asker);
  const name = `exchanges/${answer.headers.get('x-request-id')}`;
  const audit = deployment.api(AuditService, 'auditor', 0);
  const endMs = performance.now() + RECORDED_TIMEOUT_MS;
  for (;;) {
    const { exchange } = await audit.getExchange({ name }).catch(() => ({ exchange: undefined }));
    if (exchange !== undefined) return { session: exchange.session };
    if (performance.now() > endMs) throw new Error(`${name} was not recorded`);
    await sleep(RECORDED_POLL_MS);
  }
}

/** Asks one question after the other: when the first was answered, and when one was refused. */
function untilRefused(plane: string, asker: Asker): { begun: Promise<void>; refused: Promise<number> } {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const refused = (async () => {
    const endMs = performance.now() + REFUSED_TIMEOUT_MS;
    for (;;) {
      const { status } = await ask(plane, asker);
      if (status === 403) return performance.now();
      if (status !== 200) throw new Error(`the answer was ${status}`);
      if (performance.now() > endMs) throw new Error(`${plane} did not refuse`);
      begin();
      await sleep(PAUSE_MS);
    }
  })();
  return { begun, refused };
}

async function ask(plane: string, { token, session }: Asker): Promise<Response> {
  const answer = await fetch(`${plane}/v1/responses`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-sworn-session': session,
    },
    body: JSON.stringify({ model: 'gpt-bench', input: 'hello' }),
  });
  await answer.arrayBuffer();
  return answer;
}
