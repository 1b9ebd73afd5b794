import { readFileSync } from 'node:fs';
import { fileFailure, usageFailure } from '../../failure.ts';
import type { ScriptedUpstream } from './scripted-upstream.ts';

const OPENAI = 'https://api.openai.com/v1';
/** Of a server on this machine, or in a network of its own. */
const NO_KEY = 'none';
/** The beginning of every JSON Web Token (RFC 7519), and of no key. */
const TOKEN = /^eyJ[\w-]+\./;

/**
 * The provider that the options of `sworn dev` name, or the scripted one. The variable OPENAI_API_KEY alone names none: nothing
 * goes to a real provider because of what some other program's environment has.
 *
 * @throws CommandFailure when the URL is none, there is no key, or it is a token of a stack
 */
export async function chooseUpstream(
  { upstream, upstreamKey }: { readonly upstream?: string; readonly upstreamKey?: string },
  env: NodeJS.ProcessEnv,
): Promise<ScriptedUpstream> {
  if (upstream === undefined && upstreamKey === undefined) return await startScript();
  if (upstream !== undefined && !/^https?:$/.test(URL.parse(upstream)?.protocol ?? '')) {
    throw usageFailure(`--upstream ${upstream} is no http or https URL`);
  }
  if (upstreamKey === NO_KEY) {
    if (upstream === undefined) throw usageFailure('--upstream-key none goes with --upstream');
    return { baseUrl: upstream, credential: '', close: async () => {} };
  }
  const credential = readKey(upstreamKey ?? 'env:OPENAI_API_KEY', env);
  const hint = 'set OPENAI_API_KEY, or --upstream-key env:NAME or file:PATH; none for a server without keys';
  if (credential === undefined && upstreamKey?.startsWith('env:') === true) {
    throw usageFailure(`the variable ${upstreamKey.slice(4)} of --upstream-key is not set`, hint);
  }
  if (credential === undefined) throw usageFailure('the provider needs a key', hint);
  if (TOKEN.test(credential)) throw usageFailure('the key is a token, of Sworn perhaps, and no key', hint);
  return { baseUrl: upstream ?? OPENAI, credential, close: async () => {} };
}

/** OpenAI with the key of the variable OPENAI_API_KEY, for the demo; the scripted provider where that has no key. */
export async function chooseDemoUpstream(env: NodeJS.ProcessEnv): Promise<ScriptedUpstream> {
  const key = readKey('env:OPENAI_API_KEY', env);
  // A token is what `sworn dev` says to put there.
  if (key === undefined || TOKEN.test(key)) return await startScript();
  return { baseUrl: OPENAI, credential: key, close: async () => {} };
}

/** Whether prompts leave this machine. */
export function isReal({ baseUrl }: ScriptedUpstream): boolean {
  return baseUrl === OPENAI;
}

/** Loaded only where it is needed: `sworn dev token` needs none. */
async function startScript(): Promise<ScriptedUpstream> {
  const { startScriptedUpstream } = await import('./scripted-upstream.ts');
  return await startScriptedUpstream();
}

function readKey(source: string, env: NodeJS.ProcessEnv): string | undefined {
  if (source.startsWith('env:')) return env[source.slice(4)] || undefined;
  if (!source.startsWith('file:')) return source;
  try {
    return readFileSync(source.slice(5), 'utf8').trim() || undefined;
  } catch (error) {
    throw fileFailure(`read the key ${source.slice(5)}`, error);
  }
}
