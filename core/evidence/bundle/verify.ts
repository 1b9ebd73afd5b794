import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { EvidenceError } from '../error.ts';
import { formatNoteKey, type NoteKey, parseNoteKey } from '../note/key.ts';
import { decodeText } from '../text.ts';
import { createVerifier, type Verifier, type VerifyReport } from '../verify/verify.ts';
import { type BundleManifest, countItem, noCounts, parseLine } from './line.ts';

const NEWLINE = 0x0a;

/** By what a bundle is verified. */
export interface BundleTrust {
  /** Undefined for the one that the bundle names. */
  readonly logKey: NoteKey | undefined;
  readonly witnessKeys: readonly NoteKey[];
  readonly evidenceKeys: readonly JWK[];
  readonly kept: readonly string[];
}

/** What a bundle says of itself, and what was found. */
export interface BundleReport extends VerifyReport {
  readonly manifest: BundleManifest;
}

/**
 * Verifies a bundle line by line, with nothing but what is given.
 * @param lines byte for byte, with their newlines
 * @param onLine is called after each, with its number from 1
 * @throws EvidenceError malformed: the first line is no manifest, or names no key of a log
 */
export async function verifyBundle(
  lines: AsyncIterable<Uint8Array>,
  trust: BundleTrust,
  onLine: (line: Uint8Array, number: number) => void = () => {},
): Promise<BundleReport> {
  const digest = createHash('sha256');
  const counts = noCounts();
  let manifest: BundleManifest | undefined;
  let verifier: Verifier | undefined;
  let number = 0;
  let isEnded = false;
  for await (const line of lines) {
    number += 1;
    if (manifest === undefined || verifier === undefined) {
      manifest = readManifest(textOf(line));
      verifier = open(manifest, trust);
    } else if (isEnded) {
      verifier.faults.add('bundle_malformed', `line ${number} comes after the end`);
    } else {
      try {
        const read = parseLine(textOf(line));
        if (read.type === 'item') {
          countItem(counts, read.item);
          await verifier.add(read.item);
        } else if (read.type === 'end') {
          isEnded = true;
          const { type: _type, sha256, ...stated } = read;
          for (const [name, count] of Object.entries(counts)) {
            const other = stated[name as keyof typeof counts];
            if (other === count) continue;
            verifier.faults.add(
              'bundle_miscounted',
              `the bundle has ${count} ${name}, its end says ${other}`,
            );
          }
          if (sha256 !== encodeBase64(digest.digest())) {
            verifier.faults.add(
              'bundle_altered',
              'the bytes before the end have not the digest that it states',
            );
          }
        } else {
          throw new EvidenceError('malformed', 'a second manifest');
        }
      } catch (error) {
        if (!(error instanceof EvidenceError)) throw error;
        verifier.faults.add('bundle_malformed', `line ${number}: ${error.message}`);
      }
    }
    if (!isEnded) digest.update(line);
    onLine(line, number);
  }
  if (manifest === undefined || verifier === undefined) {
    throw new EvidenceError('malformed', 'the file is empty');
  }
  if (!isEnded) verifier.faults.add('bundle_truncated', `the bundle breaks off after line ${number}`);
  return { manifest, ...verifier.finish() };
}

/** A line without its newline, which every line has. */
function textOf(line: Uint8Array): string {
  if (line.at(-1) !== NEWLINE) throw new EvidenceError('malformed', 'the line has no end');
  return decodeText(line.subarray(0, -1));
}

function readManifest(line: string): BundleManifest {
  const read = parseLine(line);
  if (read.type !== 'manifest') throw new EvidenceError('malformed', 'the first line is no manifest');
  return read;
}

function open(manifest: BundleManifest, trust: BundleTrust): Verifier {
  const receiptKey = decodeBase64(manifest.receiptKey);
  const logKey = trust.logKey ?? parseNoteKey(manifest.logKey);
  const verifier = createVerifier({
    trust: { logKey, witnessKeys: trust.witnessKeys },
    checkpoint: manifest.checkpoint,
    isComplete: manifest.complete,
    hasPayloads: manifest.payloads,
    evidenceKeys: trust.evidenceKeys,
    kept: trust.kept,
    ...(receiptKey === undefined ? {} : { receiptKey }),
  });
  if (manifest.origin !== logKey.name || manifest.logKey !== formatNoteKey(logKey)) {
    verifier.faults.add('checkpoint_refused', 'the manifest names another log, or another key of it');
  }
  return verifier;
}
