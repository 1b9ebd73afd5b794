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
  const write = (name: string, bytes: number): Promise<string> =>
    spool.append(entry(name, bytes)).then(
      () => `${name} fulfilled`,
      (error: Error) => `${name} ${(error.cause as NodeJS.ErrnoException).code}`,
    );
  const outcomes = [await write('first', 100)];
  // One group: the first two are whole on disk when the third one breaks off.
  outcomes.push(...(await Promise.all([write('lost', 100), write('gone', 100), write('large', 200_000)])));
  outcomes.push(await write('last', 100));
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
