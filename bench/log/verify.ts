import { createHash, generateKeyPairSync } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { encodeBase64 } from '#core/evidence/base64.ts';
import { BUNDLE_VERSION, formatItem, noCounts } from '#core/evidence/bundle/line.ts';
import { verifyBundle } from '#core/evidence/bundle/verify.ts';
import { signCheckpoint } from '#core/evidence/checkpoint/sign.ts';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import { createSigner } from '#core/evidence/signature/ed25519.ts';
import { TILE_WIDTH } from '#core/evidence/tiles/tile.ts';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

const ORIGIN = 'bench.example.org/log';

/** What the offline verifier manages. */
export interface VerifyFigures {
  readonly records: number;
  readonly recordsPerSecond: number;
}

/** Verifies a complete bundle of one writer in memory, without payloads: parsing, chain, leaves, root. */
export async function measureVerify(count: number): Promise<VerifyFigures> {
  const { lines, logKey } = makeBundle(count);
  const bytes = lines.map((line) => Buffer.from(`${line}\n`));
  async function* give() {
    yield* bytes;
  }
  const trust = { logKey, witnessKeys: [], evidenceKeys: [], kept: [] };
  const beganMs = performance.now();
  const report = await verifyBundle(give(), trust);
  const tookMs = performance.now() - beganMs;
  // Receipts are not made here; all else has to hold.
  if (report.records !== count || report.faults.some(({ code }) => code !== 'receipt_missing')) {
    throw new Error(`the bundle does not verify: ${report.faults[0]?.message}`);
  }
  return { records: count, recordsPerSecond: count / (tookMs / 1_000) };
}

function makeBundle(count: number) {
  const signer = createSigner(generateKeyPairSync('ed25519').privateKey);
  const logKey = createNoteKey(ORIGIN, signer.publicKey);
  const lines: string[] = [];
  const leaves: Uint8Array[] = [];
  let prevHash = new Uint8Array(32);
  for (let index = 0; index < count; index++) {
    const bytes = toBinary(
      RecordSchema,
      create(RecordSchema, {
        plane: 'control-plane/bench',
        epoch: 1n,
        seq: BigInt(index + 1),
        prevHash,
        time: timestampFromMs(index),
        kind: RecordKind.ACTION,
        caller: {
          issuer: 'https://id.example.org',
          subject: 'ana',
          email: 'ana@example.org',
          groups: ['staff'],
        },
        action: 'content.read',
        resource: 'exchanges/0199f3c2-7e10-7000-8000-000000000001',
      }),
    );
    prevHash = Uint8Array.from(createHash('sha256').update(bytes).digest());
    leaves.push(leafHash(bytes));
    lines.push(formatItem({ kind: 'record', index, bytes }));
  }
  const checkpoint = signCheckpoint(
    { origin: ORIGIN, size: count, root: rootOf(leaves), extensions: [] },
    signer,
  );
  const manifest = {
    ...{ type: 'manifest', version: BUNDLE_VERSION, origin: ORIGIN, logKey: formatNoteKey(logKey) },
    ...{ createTime: '2026-01-01T00:00:00.000Z', filter: {}, complete: true, payloads: false },
    ...{ receiptKey: encodeBase64(signer.publicKey), checkpoint },
  };
  const all = [JSON.stringify(manifest)];
  const counts = { ...noCounts(), records: count };
  for (const [index, line] of lines.entries()) {
    if (index % TILE_WIDTH === 0) {
      const hashes = Buffer.concat(leaves.slice(index, index + TILE_WIDTH));
      all.push(formatItem({ kind: 'tile', level: 0, index: index / TILE_WIDTH, hashes }));
      counts.tiles += 1;
    }
    all.push(line);
  }
  const sha256 = createHash('sha256')
    .update(all.map((line) => `${line}\n`).join(''))
    .digest('base64');
  all.push(JSON.stringify({ type: 'end', ...counts, sha256 }));
  return { lines: all, logKey };
}
