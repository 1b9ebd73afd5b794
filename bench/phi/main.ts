// How well and how fast the PHI detector works. `npm run bench:phi [-- --only MEASURE] [--seed N] [--json] [--misses]`
import { parseArgs } from 'node:util';
import { measureAccuracy } from './accuracy/measure.ts';
import { measureEvilPatterns } from './adversarial/evil.ts';
import { measureWorst } from './adversarial/worst.ts';
import { measureHoldBack } from './hold-back/measure.ts';
import { measureSpeed } from './speed/measure.ts';
import { format, type Table, toRecords } from './table.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
/** What `--json` prints: the rows of each table by its title. */
const records: Record<string, unknown> = {};

const MEASURES: Readonly<Record<string, () => Promise<readonly Table[]>>> = {
  accuracy: async () => {
    const { tables, faults } = await measureAccuracy(seed);
    if (values.misses && values.json) records['misses'] = faults.split('\n').filter((line) => line !== '');
    else if (values.misses) process.stdout.write(faults);
    return tables;
  },
  speed: () => measureSpeed(seed),
  holdback: async () => measureHoldBack(seed),
  adversarial: async () => [...measureWorst(), ...measureEvilPatterns(seed)],
};

const wanted = values.only ?? Object.keys(MEASURES);
const unknown = wanted.find((name) => !Object.hasOwn(MEASURES, name));
if (unknown !== undefined || !Number.isSafeInteger(seed)) {
  process.stderr.write(`--only takes ${Object.keys(MEASURES).join(', ')}; --seed takes a whole number\n`);
  process.exit(2);
}

for (const [name, measure] of Object.entries(MEASURES)) {
  if (!wanted.includes(name)) continue;
  for (const table of await measure()) {
    if (values.json) records[table.title] = toRecords(table);
    else process.stdout.write(`${format(table)}\n`);
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(records, null, 2)}\n`);
