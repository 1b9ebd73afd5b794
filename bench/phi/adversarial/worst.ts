import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { columns, type Table } from '../table.ts';
import { INPUTS } from './inputs.ts';
import { measurePace } from './pace.ts';

const TEXT_CHARACTERS = 1_000_000;
/** Streams and JSON are read in part: they do the same and more. */
const STREAM_CHARACTERS = 200_000;
const CHUNK_CHARACTERS = 16;
const SHOWN = 15;

/** Milliseconds a megabyte for texts that were written to be slow, the worst first. */
export function measureWorst(): Table[] {
  const detector = createDetector();
  const masker = createMasker(detector, { default: 'placeholder', entities: {} });
  const stream = (text: string): void => {
    const masking = masker.stream();
    for (let i = 0; i < text.length; i += CHUNK_CHARACTERS) masking.push(text.slice(i, i + CHUNK_CHARACTERS));
    masking.end();
  };
  const json = (text: string): void => {
    masker.maskJson(JSON.stringify([text]));
  };
  // A detector that has seen ordinary text first, as in a gateway.
  detector.scan('Patient: Maria Beispiel, MRN 00482913, seen by Dr. Muster. '.repeat(100));
  const all = Object.entries(INPUTS).map(([name, make]) => {
    const text = make(TEXT_CHARACTERS);
    const part = text.slice(0, STREAM_CHARACTERS);
    return {
      name,
      paces: [
        measurePace(text, (piece) => detector.scan(piece)),
        measurePace(part, stream),
        measurePace(part, json),
      ],
    };
  });
  all.sort((a, b) => Math.max(...b.paces) - Math.max(...a.paces));
  return [
    {
      title: `adversarial texts: the ${SHOWN} worst of ${all.length}, ms for a million characters`,
      columns: columns('text', 'scan.1', `stream by ${CHUNK_CHARACTERS}.1`, 'JSON.1'),
      rows: all.slice(0, SHOWN).map(({ name, paces }) => [name, ...paces]),
    },
  ];
}
