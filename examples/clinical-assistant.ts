// A stock agent on the OpenAI Agents SDK: only the base URL and the key differ from one without Sworn.
//
//   OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=$(npx sworn dev token --user clinician) \
//     node examples/clinical-assistant.ts "Summarise the last visit of patient 4711."
//
// Needs Node 24 and `npm install @openai/agents openai zod`; in this repository `node bin/node.js examples/...` is
// enough. Exit code 3: the request was refused; 1: it failed.
import { readFile } from 'node:fs/promises';
import { Agent, run, setDefaultOpenAIClient, setTracingDisabled, tool } from '@openai/agents';
import OpenAI, { APIError } from 'openai';
import { z } from 'zod';

/**
 * The OIDC token that stands in the place of an API key. The SDK asks for it before every attempt, so a token
 * that is rotated in a file (a Kubernetes service account, a Vault agent) is always fresh.
 */
async function currentToken(): Promise<string> {
  const file = process.env['TOKEN_FILE'];
  const token = file === undefined ? process.env['OPENAI_API_KEY'] : await readFile(file, 'utf8');
  if (!token?.trim()) throw new Error('Set TOKEN_FILE or OPENAI_API_KEY to an OIDC access token.');
  return token.trim();
}

const lookUpVisit = tool({
  name: 'look_up_visit',
  description: 'Returns the note of the last visit of one patient.',
  parameters: z.object({ patient: z.string().describe('The number of the patient') }),
  // Invented data: no real person's.
  execute: async ({ patient }) =>
    `Visit of patient ${patient} on 2026-03-02. Reason: cough for two weeks, no fever. Lungs clear. ` +
    'Plan: fluids, rest, return if fever develops.',
});

const agent = new Agent({
  name: 'Clinical assistant',
  instructions: 'You help clinicians. Look visits up before you summarise them. Be brief.',
  model: process.env['OPENAI_MODEL'] ?? 'gpt-5-mini',
  tools: [lookUpVisit],
});

// The SDK would send its traces, tool arguments and outputs included, past the gateway.
setTracingDisabled(true);
// OPENAI_BASE_URL is read by the client itself.
setDefaultOpenAIClient(new OpenAI({ apiKey: currentToken }));

const question = process.argv.slice(2).join(' ') || 'Summarise the last visit of patient 4711.';
try {
  const answer = await run(agent, question, { stream: true });
  for await (const text of answer.toTextStream()) process.stdout.write(text);
  await answer.completed;
  process.stdout.write('\n');
} catch (error) {
  // A PermissionDeniedError; or its parent class, when the refusal came after the headers of the stream.
  if (error instanceof APIError && error.type === 'policy_denied') {
    process.stdout.write(`${error.constructor.name} (${error.code}): ${error.message}\n`);
    process.exitCode = 3;
  } else {
    // No token, one that is not accepted, a plane that is down.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
