import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { signStatement } from '#core/evidence/statement/sign.ts';
import { type SignedHead, SignedHeadSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { Context } from '../context.ts';
import { loadSigningKey, type SigningKey } from '../distribution/signing-key.ts';
import type { WriterHead } from './actions.ts';

const keys = new WeakMap<Context, Promise<SigningKey>>();

/** The control plane's word, signed, that everything of an epoch up to this record is stored. */
export async function signReceipt(context: Context, stored: WriterHead): Promise<SignedHead> {
  const { plane, epoch, seq, digest } = stored;
  const head = { plane, epoch, seq, digest: Uint8Array.from(digest) };
  const time = context.now();
  const { signature } = signStatement('receipt', { ...head, time }, await receiptKey(context));
  return create(SignedHeadSchema, { head, time: timestampFromDate(time), signature });
}

/** Read once; a failure is not remembered. */
function receiptKey(context: Context): Promise<SigningKey> {
  const known = keys.get(context);
  if (known !== undefined) return known;
  const loading = loadSigningKey(context, 'receipt');
  keys.set(context, loading);
  loading.catch(() => keys.delete(context));
  return loading;
}
