import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const ACCOUNT_KEY = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const REGION = 'eu-central-1';

/**
 * AWS KMS on loopback, as far as Encrypt and Decrypt of symmetric keys go: the JSON protocol, the signature of each request
 * (Signature Version 4) and the encryption context are checked as AWS does.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 */
export interface TestKms {
  /** The ARN of its one key. */
  readonly key: string;
  /** What the SDK reads of the environment to come here. */
  readonly env: Readonly<Record<string, string>>;
  /** Operations that were asked for, in order; refused ones begin with `!`. */
  readonly asked: string[];
  /** Whether it answers at all. */
  isUp: boolean;
  close(): Promise<void>;
}

/** Starts it with a new key. */
export async function startKms(): Promise<TestKms> {
  const secret = randomBytes(32);
  const key = `arn:aws:kms:${REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  const asked: string[] = [];
  const state = { isUp: true };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
    const answer = state.isUp
      ? answerTo(operation, request, body)
      : { fault: 'KMSInternalException', status: 500 };
    asked.push('fault' in answer ? `!${operation}` : operation);
    const status = 'fault' in answer ? (answer.status ?? 400) : 200;
    const content = 'fault' in answer ? { __type: answer.fault, message: 'no' } : answer.body;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(content));
  });

  const answerTo = (operation: string, request: IncomingMessage, body: string): Answer => {
    if (!isSigned(request, body)) return { fault: 'InvalidSignatureException' };
    const asked = JSON.parse(body) as Record<string, string> & { EncryptionContext?: object };
    if (asked['KeyId'] !== key) return { fault: 'NotFoundException' };
    const context = Buffer.from(JSON.stringify(asked.EncryptionContext ?? {}));
    if (operation === 'Encrypt') {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(context);
      const sealed = Buffer.concat([
        cipher.update(Buffer.from(asked['Plaintext'] ?? '', 'base64')),
        cipher.final(),
      ]);
      const blob = Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
      return { body: { CiphertextBlob: blob, KeyId: key } };
    }
    const blob = Buffer.from(asked['CiphertextBlob'] ?? '', 'base64');
    const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(0, 12)).setAAD(context);
    decipher.setAuthTag(blob.subarray(12, 28));
    try {
      const plain = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
      return { body: { Plaintext: plain.toString('base64'), KeyId: key } };
    } catch {
      return { fault: 'InvalidCiphertextException' };
    }
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    key,
    env: {
      AWS_ENDPOINT_URL_KMS: endpoint,
      AWS_ACCESS_KEY_ID: ACCOUNT_KEY.id,
      AWS_SECRET_ACCESS_KEY: ACCOUNT_KEY.secret,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    asked,
    get isUp() {
      return state.isUp;
    },
    set isUp(isUp) {
      state.isUp = isUp;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

type Answer =
  | { readonly body: Readonly<Record<string, string>> }
  | { readonly fault: string; readonly status?: number };

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function isSigned(request: IncomingMessage, body: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, id, date = '', region = '', names = '', signature = ''] =
    form.exec(request.headers.authorization ?? '') ?? [];
  const isBound = ['host', 'x-amz-date', 'x-amz-target'].every((name) => names.split(';').includes(name));
  if (id !== ACCOUNT_KEY.id || region !== REGION || !isBound) return false;
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, request.url, '', headers.join(''), names, sha256(body)].join('\n');
  const scope = `${date}/${region}/kms/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  let key: Buffer = Buffer.from(`AWS4${ACCOUNT_KEY.secret}`);
  for (const part of [date, region, 'kms', 'aws4_request']) key = hmac(key, part);
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
