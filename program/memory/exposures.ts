/**
 * Options of Node that write what is in memory or on the wire to a file, or let somebody look at it while the program runs
 * (https://nodejs.org/docs/latest-v24.x/api/cli.html). The last two name a file that may hold any of the others.
 */
const OPTIONS: ReadonlySet<string> = new Set([
  '--abort-on-uncaught-exception',
  '--build-snapshot',
  '--build-snapshot-config',
  '--heapsnapshot-near-heap-limit',
  '--heapsnapshot-signal',
  '--inspect',
  '--inspect-brk',
  '--inspect-wait',
  '--report-on-fatalerror',
  '--report-on-signal',
  '--report-uncaught-exception',
  '--tls-keylog',
  '--trace-event-categories',
  '--trace-tls',
  '--experimental-config-file',
  '--experimental-default-config-file',
]);
/** Variables with which Node writes headers and pieces of bodies to stderr. */
const VARIABLES = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE'];

/**
 * What Node was started with that gives content away past the record, as it was written: options of its command line and
 * of NODE_OPTIONS, and variables.
 */
export function findExposures(execArgv: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const given = [...execArgv, ...splitOptions(env['NODE_OPTIONS'] ?? '')];
  const variables = VARIABLES.filter((name) => (env[name] ?? '') !== '');
  return [...given.filter((option) => OPTIONS.has(nameOf(option))), ...variables];
}

/** Node takes an underscore for a dash. */
function nameOf(option: string): string {
  const [name = ''] = option.split('=');
  return name.replaceAll('_', '-');
}

/** As Node does: by blanks; double quotes, anywhere, hold together, and in them a backslash stands before what it quotes. */
function splitOptions(text: string): string[] {
  const words = text.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_all, quoted: string) => quoted.replaceAll(/\\(.)/g, '$1')),
  );
}
