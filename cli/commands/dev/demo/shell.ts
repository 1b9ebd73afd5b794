import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** A program that runs and shows what it prints. */
export interface Running {
  readonly done: Promise<Finished>;
}

/** A program that has ended. */
export interface Finished {
  readonly code: number;
  /** All that a quiet one printed; empty otherwise. */
  readonly stdout: string;
}

/** What the tour is told through: narration, and programs run as a person would run them. */
export interface Shell {
  chapter(title: string, lines: readonly string[]): void;
  note(line: string): void;
  /** Runs `sworn` with these words, showing the command and what it prints. */
  sworn(words: readonly string[], env: Record<string, string>, options?: { quiet?: boolean }): Running;
  /** Runs the example agent with a question. */
  agent(question: string, env: Record<string, string>): Running;
  /** Ends whatever still runs. */
  endAll(): Promise<void>;
}

/** Programs of a demo get nothing of the caller's environment that could lead around the gateway. */
const HIDDEN = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_ORG_ID', 'OPENAI_PROJECT_ID', 'SWORN_TOKEN'];

/** Makes the shell of one demo. */
export function createShell(options: {
  readonly root: string;
  readonly directory: string;
  readonly signal: AbortSignal;
}): Shell {
  const running = new Map<ChildProcess, Promise<Finished>>();
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !HIDDEN.includes(name)),
  );
  // A login of the person at the terminal must not be taken for one of the demo's people.
  const base = { ...inherited, XDG_CONFIG_HOME: join(options.directory, 'config') };

  const start = (args: readonly string[], env: Record<string, string>, quiet: boolean): Running => {
    options.signal.throwIfAborted();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: options.root,
      env: { ...base, ...env },
      // What is shown has the terminal itself: its tables fit into it.
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'inherit'],
    });
    const stdout: string[] = [];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    const done = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        running.delete(child);
        if (options.signal.aborted) reject(options.signal.reason);
        else resolve({ code: code ?? 1, stdout: stdout.join('') });
      });
    });
    // The tour may still be busy elsewhere when a program fails to end well.
    done.catch(() => {});
    running.set(child, done);
    return { done };
  };

  return {
    chapter: (title, lines) => {
      process.stdout.write(
        `\n${'─'.repeat(78)}\n${title}\n\n${lines.map((line) => `  ${line}\n`).join('')}\n`,
      );
    },
    note: (line) => {
      process.stdout.write(`  · ${line}\n`);
    },
    sworn: (words, env, { quiet = false } = {}) => {
      if (!quiet) process.stdout.write(`\n$ sworn ${words.map(quote).join(' ')}\n`);
      return start([join(options.root, 'cli', 'main.ts'), ...words], env, quiet);
    },
    agent: (question, env) => {
      process.stdout.write(`\n$ node bin/node.js examples/clinical-assistant.ts ${quote(question)}\n`);
      return start([join(options.root, 'examples', 'clinical-assistant.ts'), question], env, false);
    },
    endAll: async () => {
      const left = [...running];
      for (const [child] of left) child.kill('SIGKILL');
      await Promise.allSettled(left.map(([, done]) => done));
    },
  };
}

function quote(word: string): string {
  return /^[\w./:@=-]+$/.test(word) ? word : `"${word}"`;
}
