import type { KeyObject } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { EvidenceError } from '#core/evidence/error.ts';
import { createSigner, isSignature } from '#core/evidence/signature/ed25519.ts';
import { signStatement } from '#core/evidence/statement/sign.ts';
import { formatStatement, type Statement } from '#core/evidence/statement/statement.ts';
import { encodeText } from '#core/evidence/text.ts';
import type { SignedHead, SignedHeadSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { SpoolHead } from '../spool/spool.ts';
import type { PlaneIdentity } from './identity.ts';

/** What this plane says about its chain, and what it is told. */
export interface Heads {
  /** Says, signed, that the plane's chain has come so far by now. */
  sign(head: SpoolHead): MessageInitShape<typeof SignedHeadSchema>;
  /**
   * Makes sure that the receipt is the control plane's word for exactly this record of this plane, and all before it.
   * Throws ReceiptError.
   */
  checkReceipt(receipt: SignedHead | undefined, own: OwnRecord, receiptKey: KeyObject): void;
}

/** A record as the spool has it; without a digest when it has none there. */
export interface OwnRecord extends Pick<SpoolHead, 'epoch' | 'seq'> {
  readonly digest: Uint8Array | undefined;
}

/** What is wrong with a receipt. */
export type ReceiptFault = 'missing' | 'other_place' | 'bad_signature' | 'other_record';

/** A receipt against which nothing may be removed. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
  readonly code: ReceiptFault;

  constructor(code: ReceiptFault) {
    super(`the receipt of the control plane is wrong: ${code}`);
    this.code = code;
  }
}

export function createHeads({ name: plane, privateKey }: Pick<PlaneIdentity, 'name' | 'privateKey'>): Heads {
  const signer = createSigner(privateKey);
  return {
    sign({ epoch, seq, digest }) {
      const time = new Date();
      const head = { plane, epoch: BigInt(epoch), seq: BigInt(seq), digest };
      const { signature } = signStatement('head', { ...head, time }, signer);
      return { head, time: timestampFromDate(time), signature };
    },
    checkReceipt(receipt, { epoch, seq, digest }, receiptKey) {
      const { head, time, signature } = receipt ?? {};
      if (head === undefined || time === undefined || signature === undefined)
        throw new ReceiptError('missing');
      if (head.plane !== plane || head.epoch !== BigInt(epoch) || head.seq !== BigInt(seq)) {
        throw new ReceiptError('other_place');
      }
      if (!isSigned({ ...head, time: timestampDate(time) }, signature, receiptKey)) {
        throw new ReceiptError('bad_signature');
      }
      if (digest === undefined || Buffer.compare(head.digest, digest) !== 0) {
        throw new ReceiptError('other_record');
      }
    },
  };
}

/** What cannot even be written as a receipt, nobody has signed as one. */
function isSigned(receipt: Statement, signature: Uint8Array, key: KeyObject): boolean {
  try {
    return isSignature(key, encodeText(formatStatement('receipt', receipt)), signature);
  } catch (error) {
    if (error instanceof EvidenceError) return false;
    throw error;
  }
}
