import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { type Client, createClient } from '@connectrpc/connect';
import OpenAI from 'openai';
import pino from 'pino';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { type Stack, type StackOptions, startStack } from '../../cli/commands/dev/stack.ts';
import { connect } from '../../cli/connect/transport.ts';
import { givenMongo } from './mongo.ts';
import { PROVIDER_KEY, type Provider, startProvider } from './provider.ts';

/** Policies of the tests: clinicians may ask; "bulk" waits for the privacy office; "forbidden" is refused. */
export const TEST_POLICY = `
apiVersion: sworn/v1
kind: Policy
name: clinicians
spec:
  groups: [clinicians]
  models: ["gpt-*"]
  patterns:
    bulk: (?i)\\bbulk\\b
    forbidden: (?i)\\bforbidden\\b
  rules:
    - name: forbidden
      when: patterns.forbidden
      deny: { message: "Ask for something else." }
    - name: bulk
      when: patterns.bulk
      requireApproval: { reviewers: [privacy-office], expires: 30m }
    - name: ordinary
      allow: {}
`;

/** The whole product with a scripted provider. */
export interface Env {
  readonly stack: Stack;
  readonly provider: Provider;
  /** The name of the stack's database. */
  readonly database: string;
  /** A stock OpenAI client with a token of this user; no retries, so that each call is one exchange. */
  openai(user?: string, options?: { maxRetries?: number; baseURL?: string; groups?: string[] }): OpenAI;
  /** A control-plane client as this user. */
  api<S extends DescService>(service: S, user: string): Client<S>;
  close(): Promise<void>;
}

/** Boots the product in a fresh directory. */
export async function startEnv(
  options: Partial<Pick<StackOptions, 'policies' | 'dataPlane' | 'controlPlane' | 'logger'>> = {},
): Promise<Env> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-test-'));
  const provider = await startProvider();
  // A MongoDB that is not of this stack alone has the databases of other tests too.
  const given = await givenMongo();
  const database = given?.newDatabase() ?? 'sworn';
  const over = new AbortController();
  let stack: Stack | undefined;
  const close = async () => {
    over.abort();
    await stack?.close();
    await provider.close();
    await given?.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const started = await startStackOn(given?.uri, {
      directory,
      upstream: { baseUrl: provider.baseUrl, credential: PROVIDER_KEY },
      policies: [TEST_POLICY],
      logger: pino({ level: process.env['SWORN_LOG_LEVEL'] ?? 'silent' }, pino.destination(2)),
      progress: () => {},
      ...options,
      controlPlane: { mongodbDatabase: database, ...options.controlPlane },
    });
    stack = started;
    return {
      stack: started,
      provider,
      database,
      openai: (user = 'clinician', client = {}) =>
        new OpenAI({
          baseURL: client.baseURL ?? started.openaiBaseUrl,
          apiKey: () => started.token({ user, groups: client.groups ?? [] }),
          maxRetries: client.maxRetries ?? 0,
        }),
      api: (service, user) => {
        const token = () => started.token({ user, audience: CONTROL_PLANE_AUDIENCE });
        const { transport } = connect({
          url: started.controlPlaneUrl,
          ca: undefined,
          token,
          signal: over.signal,
        });
        return createClient(service, transport);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts a stack on this MongoDB, or its own: it takes it from the environment, as a person would give it. */
async function startStackOn(uri: string | undefined, options: StackOptions): Promise<Stack> {
  const before = process.env['SWORN_MONGODB_URI'];
  process.env['SWORN_MONGODB_URI'] = uri ?? '';
  try {
    return await startStack(options);
  } finally {
    // Not set to the text 'undefined'.
    if (before === undefined) delete process.env['SWORN_MONGODB_URI'];
    else process.env['SWORN_MONGODB_URI'] = before;
  }
}
