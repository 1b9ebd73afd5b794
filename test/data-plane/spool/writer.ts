// A process that writes to a spool: `writer.ts limited|exhausted|endless DIRECTORY`. Started by disk.test.ts.
import fs from 'node:fs';
import { pino } from 'pino';
import { type EncodeEntry, openSpool } from '../../../data-plane/spool/spool.ts';

const [, , mode, directory = ''] = process.argv;
const spool = await openSpool({
  directory,
  nextEpoch: async (atLeast) => atLeast + 1,
  onRecovered: () => ({}),
  logger: pino({ level: 'silent' }),
  ...(mode === 'exhausted' && { segmentBytes: 1 }),
});
const write = (name: string, bytes: number): Promise<string> =>
  spool.append(entry(name, bytes)).then(
    () => `${name} fulfilled`,
    (error: Error) => `${name} ${(error.cause as NodeJS.ErrnoException).code}`,
  );

if (mode === 'limited') {
  process.on('SIGXFSZ', () => undefined); // write then fails with EFBIG instead of ending the process
  const outcomes = [await write('first', 100)];
  // One group: the first two are whole on disk when the third one breaks off.
  outcomes.push(...(await Promise.all([write('lost', 100), write('gone', 100), write('large', 200_000)])));
  outcomes.push(await write('last', 100));
  process.stdout.write(JSON.stringify(outcomes));
  await spool.close();
} else if (mode === 'exhausted') {
  const outcomes = [await write('first', 100)];
  const taken: number[] = [];
  try {
    for (;;) taken.push(fs.openSync('/dev/null', 'r'));
  } catch {}
  // One is left: enough for the next segment, and not for its folder.
  fs.closeSync(taken.pop() ?? 0);
  outcomes.push(await write('lost', 100));
  for (const descriptor of taken) fs.closeSync(descriptor);
  outcomes.push(await write('last', 100));
  await spool.close();
  const open = fs.readdirSync('/proc/self/fd').map((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return '';
    }
  });
  process.stdout.write(JSON.stringify([...outcomes, ...open.filter((path) => path.endsWith('.spool'))]));
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
