import type { DescService } from '@bufbuild/protobuf';
import { type Client, createClient } from '@connectrpc/connect';
import type { Command } from 'commander';
import { stopSignal } from '../program/stop-signal.ts';
import { accessToken } from './auth/token.ts';
import { controlPlaneUrl } from './connect/address.ts';
import { explainFailure } from './connect/explain.ts';
import { getBytes, getText } from './connect/get.ts';
import { Proposed, withProposals } from './connect/propose.ts';
import { type Connection, connect } from './connect/transport.ts';
import { EXIT, usageFailure } from './failure.ts';
import { hasOwn } from './options.ts';
import { createOutput, OUTPUT_FORMATS, type Output, type OutputFormat } from './output/output.ts';
import { printProposed } from './output/proposed.ts';
import { readCertificates } from './read.ts';

/** The options that every command has. */
export interface GlobalOptions {
  readonly controlPlane?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly allowPlaintext?: boolean;
  readonly output?: string;
  /** Of changes: why. */
  readonly reason?: string;
}

/** What one command works with. */
export interface Invocation {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** The control plane's URL, without a slash at its end. */
  readonly controlPlane: string;
  /** The token given by flag or environment; undefined when the login's is to be used. */
  readonly givenToken: string | undefined;
  /** Aborts on Ctrl-C. Calls of `client` and `clientWith` end with it by themselves. */
  readonly signal: AbortSignal;
  /** A client that presents the caller's token. What takes a second admin it proposes; the command ends with that. */
  client<S extends DescService>(service: S): Client<S>;
  /** A client that presents exactly this token, or none. */
  clientWith<S extends DescService>(service: S, token: string | undefined): Client<S>;
  /** A text that the control plane serves to anyone, by its path. */
  getText(path: string): Promise<string>;
  /** Bytes that the control plane serves to the caller, by their path; undefined where it has them no more as they were. */
  getBytes(path: string): Promise<Uint8Array | undefined>;
  /** The caller's access token, renewed where needed. */
  token(): Promise<string>;
}

/** Runs one command: opens what it needs, explains what it throws, closes all connections. */
export async function invoke(
  command: Command,
  action: (invocation: Invocation) => Promise<void>,
): Promise<void> {
  const { env } = process;
  const options = command.optsWithGlobals<GlobalOptions>();
  const output = createOutput(outputFormat(options.output), env);
  const controlPlane = await controlPlaneUrl(
    options.controlPlane ?? nonEmpty(env['SWORN_CONTROL_PLANE']),
    (options.allowPlaintext === true && !hasOwn(command, '--allow-plaintext')) ||
      env['SWORN_ALLOW_PLAINTEXT'] === 'true',
    env,
  );
  const caFile = options.ca ?? nonEmpty(env['SWORN_CA']);
  const ca = caFile && (await readCertificates(caFile, 'the certificate authority'));
  const signal = stopSignal(EXIT.interrupted);
  const connections: Connection[] = [];
  const open = (token: () => Promise<string> | undefined) => {
    const connection = connect({ url: controlPlane, ca, token, signal });
    connections.push(connection);
    return connection.transport;
  };
  const givenToken = options.token ?? nonEmpty(env['SWORN_TOKEN']);
  const token = () => accessToken(controlPlane, { given: givenToken, env });
  try {
    await action({
      output,
      env,
      controlPlane,
      givenToken,
      signal,
      client: (service) => createClient(service, withProposals(open(token), options.reason ?? '')),
      clientWith: (service, exact) =>
        createClient(
          service,
          open(() => (exact === undefined ? undefined : Promise.resolve(exact))),
        ),
      getText: (path) => getText(controlPlane, path, { ca, signal }),
      getBytes: async (path) => getBytes(controlPlane, path, { ca, signal, token: await token() }),
      token,
    });
  } catch (error) {
    if (error instanceof Proposed) return await printProposed(output, error.proposal);
    throw explainFailure(error, controlPlane, command);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Runs a command that needs no control plane: it sends nothing, reads no login, and a signal ends it at once. */
export async function invokeOffline(
  command: Command,
  action: (output: Output) => Promise<void>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  await action(createOutput(outputFormat(options.output), process.env));
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function outputFormat(typed: string | undefined): OutputFormat {
  const format = OUTPUT_FORMATS.find((candidate) => candidate === (typed ?? 'table'));
  if (format === undefined) {
    throw usageFailure(`--output ${typed} is none of ${OUTPUT_FORMATS.join(', ')}`);
  }
  return format;
}
