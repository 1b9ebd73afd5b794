import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { ROUTES } from '#core/provider/openai/catalogue.ts';
import { type Stack, startStack } from '../../cli/commands/dev/stack.ts';

/** Every route by its name, so that those that need to be named are allowed too. */
const ALL_ROUTES = `
apiVersion: sworn/v1
kind: Policy
name: everything
spec:
  groups: ["*"]
  opaque: { allow: [image, audio, video, pdf, other] }
  parameters: { files: { allow: ["*"] } }
  routes: [${ROUTES.map(({ id }) => id).join(', ')}]
  rules:
    - name: everything
      allow: {}
`;

/** The whole product in front of a provider at `baseUrl`, in a directory that goes with it. */
export async function startSworn(
  upstream: { readonly baseUrl: string; readonly credential: string },
  policies: readonly string[] = [ALL_ROUTES],
): Promise<Stack> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-conformance-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const stack = await startStack({
      directory,
      upstream,
      policies,
      logger: pino({ level: 'warn' }, pino.destination(2)),
      progress: () => {},
    });
    return { ...stack, close: () => stack.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
