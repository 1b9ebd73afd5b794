import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processesWith } from '../env/processes.ts';
import { until } from '../env/until.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPT = join(ROOT, 'cli/commands/dev/scripted-upstream.ts');
/** What the scripted provider says that nobody may see. */
const SECRETS = [
  ...['Maria', 'Beispiel', '04/12/1957', '00482913', '078-05-1120', '010-4477', 'm.beispiel'],
  ...['Otto', 'Muster', '00517720', '010-4478', 'Lena', 'Probe', '00519034', '010-4479'],
];
const canSeeProcesses = process.platform === 'linux';

/** Starts `npm run demo` as a job of its own, with its temporary files in a directory of its own. */
function startDemo(temporary: string) {
  const { OPENAI_API_KEY: _, ...env } = process.env;
  const child = spawn('npm', ['run', 'demo'], {
    cwd: ROOT,
    // The suite has a place for compiled code: without one npm keeps its own among the temporary files.
    env: { ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), name);
  };
  return { output, ended, interrupt: () => signal('SIGINT'), kill: () => signal('SIGKILL') };
}

describe('npm run demo', () => {
  let temporary: string;
  let demo: ReturnType<typeof startDemo>;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'sworn-demo-test-'));
    demo = startDemo(temporary);
  });
  afterEach(async () => {
    demo.kill();
    await rm(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  test('shows everything, lets no name or number through, and ends by itself', async () => {
    const { output, ended } = demo;
    expect(await ended, output.stderr).toBe(0);
    const { stdout, stderr } = output;
    const masked = 'Patient: [PERSON], DOB [DATE_OF_BIRTH], MRN [MRN], SSN [US_SSN].';
    // On screen, and again in the transcript.
    expect(stdout.split(masked)).toHaveLength(3);
    expect(stdout).toContain('Call back at [PHONE_NUMBER] or write to [EMAIL_ADDRESS]');
    expect(stdout).toContain('3. Patient: [PERSON], MRN [MRN], phone [PHONE_NUMBER]');
    expect(stdout).toMatch(/^approvals\/[0-9a-f-]+ approved by reviewer@sworn\.example$/m);
    expect(stdout).toMatch(
      /^PermissionDeniedError \(approval_denied\): 403 A reviewer denied .* charts do not leave the hospital/m,
    );
    expect(stdout).toContain('$ sworn audit replay sessions/');
    expect(stdout).toContain('call        look_up_visit {"patient":"4711"}');
    expect(stdout).toMatch(/\bintent\b.*allow by hipaa-clinicians\/ordinary/);
    expect(stderr).toMatch(/^4 exchanges in .*exchanges\.jsonl$/m);
    const script = await readFile(SCRIPT, 'utf8');
    for (const secret of SECRETS) {
      expect(script).toContain(secret);
      expect(stdout + stderr).not.toContain(secret);
    }
    expect(await readdir(temporary)).toEqual([]);
    if (canSeeProcesses) expect(await processesWith(temporary)).toEqual([]);
  });

  test('Ctrl-C in the middle ends it and everything that it started', async () => {
    const { output, ended, interrupt } = demo;
    await until('the second chapter', () => output.stdout.includes('2. A risky question'));
    await until('the held request', () => output.stdout.includes('flu shot this week'));
    if (canSeeProcesses) {
      const running = await processesWith(temporary);
      expect(running.some((command) => command.includes('--dbpath'))).toBe(true);
    }
    interrupt();
    const end = await ended;
    expect(end).not.toBe(0);
    expect(output.stdout).not.toContain('That was it');
    if (canSeeProcesses)
      await until('the end of all', async () => (await processesWith(temporary)).length === 0);
    expect(await readdir(temporary)).toEqual([]);
  });
});
