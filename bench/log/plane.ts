import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Client, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { possessionBytes } from '#core/enrollment/possession.ts';
import { createCipherKey } from '#core/evidence/seal/cipher.ts';
import { createIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { ciphertextDigest, createExchangeKey, keysDigest, sealPart } from '#core/evidence/seal/seal.ts';
import { createSigner, rawPublicKey } from '#core/evidence/signature/ed25519.ts';
import { signStatement } from '#core/evidence/statement/sign.ts';
import { RecordKind, RecordSchema, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { PlaneService, type RecordEntry, RecordEntrySchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';

/** About what a clinician's question and its answer have; random, so that compression takes nothing away. */
const PROMPT_BYTES = 1_200;
const ANSWER_BYTES = 2_400;
const TOKEN_LIFETIME_S = 90;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;

/** Where an acknowledged batch ends. */
export interface Handed {
  readonly plane: string;
  readonly epoch: bigint;
  readonly seq: bigint;
}

/** A plane that hands in records as fast as they are taken. */
export interface BenchPlane {
  readonly name: string;
  /** Hands in a batch of as many records, half of them intents with prompts, half outcomes with answers. */
  append(count: number): Promise<Handed>;
}

/** Payloads are sealed once: what sealing costs, planes pay, not the control plane. */
interface Sealed {
  readonly bytes: Uint8Array;
  readonly digests: Digests;
}

interface Digests {
  readonly ciphertextSha256: Uint8Array<ArrayBuffer>;
  readonly keysSha256: Uint8Array<ArrayBuffer>;
}

/** Enrols a plane. `adminToken` makes its join token. */
export async function joinPlane(url: string, displayName: string, adminToken: string): Promise<BenchPlane> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const admin = clientOf(url, async () => adminToken);
  const { joinToken } = await admin.createJoinToken({ displayName });
  const possession = sign(null, possessionBytes(joinToken), privateKey);
  const { name } = await admin.enroll({
    joinToken,
    publicKey: Uint8Array.from(rawPublicKey(publicKey)),
    possession,
  });
  const client = clientOf(url, () => makeToken(name, privateKey));
  const signer = createSigner(privateKey);
  const sealed = { prompt: await seal(name, PROMPT_BYTES), answer: await seal(name, ANSWER_BYTES) };
  const epoch = 1n;
  let seq = 0n;
  let digest = new Uint8Array(KEY_BYTES);

  const write = (fields: Parameters<typeof makeRecord>[1], payload: Sealed | undefined): RecordEntry => {
    seq += 1n;
    const record = makeRecord({ plane: name, epoch, seq, prevHash: digest }, fields, payload?.digests);
    digest = Uint8Array.from(hash('sha256', record, 'buffer'));
    return create(RecordEntrySchema, { record, payload: payload?.bytes ?? new Uint8Array() });
  };
  return {
    name,
    async append(count) {
      const entries = seq === 0n ? [write({ kind: RecordKind.EPOCH_BEGIN, exchange: '' }, undefined)] : [];
      while (entries.length < count) {
        const exchange = `exchanges/${uuidv7()}`;
        entries.push(write({ kind: RecordKind.INTENT, exchange }, sealed.prompt));
        entries.push(write({ kind: RecordKind.OUTCOME, exchange }, sealed.answer));
      }
      const time = new Date();
      const { signature } = signStatement('head', { plane: name, epoch, seq, digest, time }, signer);
      const head = { head: { plane: name, epoch, seq, digest }, time: timestampFromDate(time), signature };
      await client.appendRecords({ entries, head: { ...head, signature: Uint8Array.from(signature) } });
      return { plane: name, epoch, seq };
    },
  };
}

function makeRecord(
  place: { plane: string; epoch: bigint; seq: bigint; prevHash: Uint8Array<ArrayBuffer> },
  { kind, exchange }: { readonly kind: RecordKind; readonly exchange: string },
  digests: Digests | undefined,
): Uint8Array<ArrayBuffer> {
  const time = timestampFromDate(new Date());
  if (exchange === '') return toBinary(RecordSchema, create(RecordSchema, { ...place, time, kind }));
  const caller = {
    issuer: 'https://id.example.org',
    subject: 'u-4711',
    email: 'kim@example.org',
    groups: ['clinicians'],
  };
  const commitment = randomBytes(KEY_BYTES);
  const what =
    kind === RecordKind.INTENT ? { promptCommitment: commitment } : { responseCommitment: commitment };
  const record = create(RecordSchema, {
    ...place,
    ...what,
    time,
    kind,
    exchange,
    session: `sessions/${exchange.slice('exchanges/'.length)}`,
    caller,
    route: 'responses.create',
    model: 'gpt-bench',
    policyRevision: 1n,
    findings: { PERSON: 2, MRN: 1, DATE: 3 },
    upstream: 'upstreams/default',
    ...digests,
  });
  return toBinary(RecordSchema, record);
}

async function seal(plane: string, bytes: number): Promise<Sealed> {
  const { publicKey } = generateKeyPairSync('x25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const jwk = { kty: 'OKP', crv: 'X25519', x, kid: 'bench' };
  const interval = await createIntervalKey(randomBytes(KEY_BYTES), jwk);
  const binding = { plane, exchange: 'exchanges/bench', kind: 'prompt' };
  const { wrapped } = createExchangeKey(
    interval.key,
    randomBytes(KEY_BYTES),
    randomBytes(NONCE_BYTES),
    binding,
  );
  const key = createCipherKey(randomBytes(KEY_BYTES));
  const part = Uint8Array.from(sealPart(key, randomBytes(NONCE_BYTES), randomBytes(bytes), binding, 0));
  const payload = { intervalKey: interval.jwe, wrappedKey: Uint8Array.from(wrapped), parts: [part] };
  return {
    bytes: toBinary(SealedPayloadSchema, create(SealedPayloadSchema, payload)),
    digests: {
      ciphertextSha256: Uint8Array.from(ciphertextDigest([part])),
      keysSha256: Uint8Array.from(keysDigest(payload)),
    },
  };
}

function clientOf(url: string, token: () => Promise<string>): Client<typeof PlaneService> {
  const transport = createConnectTransport({
    baseUrl: url,
    httpVersion: '1.1',
    interceptors: [
      (next) => async (request) => {
        request.header.set('authorization', `Bearer ${await token()}`);
        return next(request);
      },
    ],
  });
  return createClient(PlaneService, transport);
}

function makeToken(name: string, privateKey: KeyObject): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    iss: name,
    sub: name,
    aud: 'sworn-control-plane',
    iat: nowS,
    exp: nowS + TOKEN_LIFETIME_S,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' }).sign(privateKey);
}
