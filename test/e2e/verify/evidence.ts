import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import { CONTROL_PLANE_AUDIENCE } from '../../../cli/commands/dev/identity-provider.ts';
import type { Invocation } from '../../../cli/invocation.ts';
import type { Database } from '../../../control-plane/storage/database.ts';
import { createHome, type Run } from '../../cli/env/sworn.ts';
import { answerText } from '../../env/answers.ts';
import { type Env, startEnv } from '../../env/env.ts';
import { runInProcess } from '../../env/in-process.ts';
import { openToLook } from '../../env/mongo.ts';
import { recordOf } from '../../env/record.ts';
import { until } from '../../env/until.ts';

/** A product with a record of a few exchanges, and the command line of an auditor. */
export interface Evidence {
  readonly env: Env;
  readonly database: Database;
  /** The head that the plane signed for its first record. */
  readonly firstHead: Document;
  /** A folder of the test's own. */
  readonly folder: string;
  /** The file of the evidence key. */
  readonly evidenceKey: string;
  /** Runs `sworn audit` with these words. */
  audit(...words: string[]): Promise<Run>;
  /** What a command that reads does and prints as JSON, in this process. */
  inProcess(action: (invocation: Invocation) => Promise<void>): Promise<{ exitCode: number; stdout: string }>;
  close(): Promise<void>;
}

export async function startEvidence(): Promise<Evidence> {
  const env = await startEnv({ controlPlane: { checkpointInterval: 100 } });
  const database = await openToLook(env.stack.mongodbUri, env.database);
  let firstHead: Document | undefined;
  await until('the first head', async () => {
    const heads = database.db.collection('planeHeads', { promoteLongs: false });
    firstHead = (await heads.findOne({ batch: { $exists: true } }))?.['batch'];
    return firstHead !== undefined;
  });
  env.provider.behave(answerText('He is stable. SSN 078-05-1120.'));
  const token = await env.stack.token({ user: 'clinician' });
  for (const input of ['How is he? SSN 219-09-9999', 'forbidden words', 'And today?']) {
    const answer = await fetch(`${env.stack.dataPlaneUrl}/v1/responses`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-test', input, stream: input === 'And today?' }),
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.text();
    await recordOf(env, answer.headers.get('x-request-id') ?? '');
  }
  const folder = await mkdtemp(join(tmpdir(), 'sworn-verify-'));
  const home = createHome();
  const auditor = await env.stack.token({ user: 'auditor', audience: CONTROL_PLANE_AUDIENCE });
  const keys = join(env.stack.directory, 'control-plane', 'evidence-keys');
  const [key = ''] = await readdir(keys);
  return {
    env,
    database,
    firstHead: firstHead ?? {},
    folder,
    evidenceKey: join(keys, key),
    audit: (...words) =>
      home.call(['audit', ...words], {
        env: { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: auditor },
      }),
    inProcess: (action) => runInProcess(env.stack.controlPlaneUrl, auditor, action),
    async close() {
      await database.close();
      await env.close();
      home.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
