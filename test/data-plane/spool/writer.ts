// A process that writes to a spool: `writer.ts limited|endless DIRECTORY`. Started by disk.test.ts.
import { pino } from 'pino';
import { type EncodeEntry, openSpool } from '../../../data-plane/spool/spool.ts';

const [, , mode, directory = ''] = process.argv;
const spool = await openSpool({
  directory,
  nextEpoch: async (atLeast) => atLeast + 1,
  onRecovered: () => ({}),
  logger: pino({ level: 'silent' }),
});

if (mode === 'limited') {
  process.on('SIGXFSZ', () => undefined); // write then fails with EFBIG instead of ending the process
  const outcomes: Record<string, string> = {};
  for (const [name, bytes] of [
    ['first', 100],
    ['large', 200_000],
    ['last', 100],
  ] as const) {
    outcomes[name] = await spool.append(entry(name, bytes)).then(
      () => 'fulfilled',
      (error: Error) => (error.cause as NodeJS.ErrnoException).code ?? 'unknown',
    );
  }
  process.stdout.write(JSON.stringify(outcomes));
  await spool.close();
} else {
  let count = 0;
  const append = async (): Promise<void> => {
    for (;;) {
      let seq = 0;
      count += 1;
      const encode = entry(`entry-${count}`, count % 5000);
      await spool.append((place) => {
        seq = place.seq;
        return encode(place);
      });
      process.stdout.write(`${seq}\n`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, append));
}

function entry(text: string, payloadBytes: number): EncodeEntry {
  return ({ epoch, seq, prevHash }) => ({
    record: Buffer.from(`${epoch}/${seq} ${text} ${Buffer.from(prevHash).toString('hex')}`),
    payload: Buffer.alloc(payloadBytes, 1),
  });
}
