/**
 * Milliseconds of the processor that this takes: what runs beside it on the machine does not count.
 * @param run all of it in this thread, and nothing that is waited for
 */
export function processorMs(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
