import { readdir, readFile } from 'node:fs/promises';

/** The processes, by their command lines, that have this text in their environment or arguments. Linux only. */
export async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    // A process may end while it is looked at; a zombie has neither.
    const [environment, command] = await Promise.all(
      ['environ', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    if (`${environment}${command}`.includes(text)) found.push(`${pid} ${command?.replaceAll('\0', ' ')}`);
  }
  return found;
}
