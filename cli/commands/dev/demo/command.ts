import { Command } from 'commander';
import { withExamples } from '../../../options.ts';
import { runDemo } from './run.ts';

/** `sworn dev demo`: a guided tour with a real agent, which ends by itself. */
export function createDemoCommand(): Command {
  const command = new Command('demo')
    .summary('a guided tour with a real agent, which ends by itself')
    .description(
      'Starts a stack of its own in a temporary directory and runs an agent of the OpenAI Agents SDK through it.\n' +
        'With OPENAI_API_KEY set it calls the real API, otherwise a scripted provider.',
    )
    .action(() => runDemo());
  return withExamples(command, ['sworn dev demo', 'it takes a minute, and leaves nothing behind']);
}
