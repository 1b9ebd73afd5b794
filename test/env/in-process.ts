import type { DescService } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { getBytes, getText } from '../../cli/connect/get.ts';
import { connect } from '../../cli/connect/transport.ts';
import { CommandFailure } from '../../cli/failure.ts';
import type { Invocation } from '../../cli/invocation.ts';
import { createOutput } from '../../cli/output/output.ts';

/**
 * What a command does against a control plane and prints as JSON, in this process: to start one takes longer than most
 * commands. A command that fails without a result rejects.
 */
export async function runInProcess(
  url: string,
  token: string,
  action: (invocation: Invocation) => Promise<void>,
): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  const over = new AbortController();
  const { signal } = over;
  const connection = connect({ url, ca: undefined, token: async () => token, signal });
  const client = <S extends DescService>(service: S) => createClient(service, connection.transport);
  let stdout = '';
  const write = async (text: string) => {
    stdout += text;
  };
  try {
    await action({
      output: { ...createOutput('json', {}), write },
      env: {},
      controlPlane: url,
      givenToken: token,
      signal,
      client,
      clientWith: client,
      getText: (path) => getText(url, path, { ca: undefined, signal }),
      getBytes: (path) => getBytes(url, path, { ca: undefined, signal, token }),
      token: async () => token,
    });
    return { exitCode: 0, stdout };
  } catch (error) {
    if (error instanceof CommandFailure && stdout !== '') return { exitCode: error.exitCode, stdout };
    throw error;
  } finally {
    over.abort();
    connection.close();
  }
}
