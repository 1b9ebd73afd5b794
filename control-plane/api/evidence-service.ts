import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ServiceImpl } from '@connectrpc/connect';
import { type EvidenceKey, EvidenceKeySchema } from '#proto/sworn/evidence/v1/evidence_key_pb.ts';
import type { EvidenceService } from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import type { Context } from '../context.ts';
import { rotateEvidenceKey } from '../evidence-key/rotate.ts';
import {
  evidenceKeyName,
  findEvidenceKey,
  listEvidenceKeys,
  type StoredEvidenceKey,
} from '../storage/configuration/evidence-keys.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { parseNumber } from './position.ts';
import { takePage } from './take-page.ts';

const EVIDENCE_KEYS = 'evidenceKeys';

/** EvidenceService: the keys that open what planes record. */
export function createEvidenceService(context: Context): ServiceImpl<typeof EvidenceService> {
  const { database, evidenceKeys } = context;
  return {
    async listEvidenceKeys(request) {
      const { limit, after } = readPage(request, EVIDENCE_KEYS);
      const found = await listEvidenceKeys(database, limit + 1, parseNumber(after));
      const current = await findEvidenceKey(database);
      const here = new Set((await evidenceKeys.list()).map(({ id }) => id));
      const { items, nextPageToken } = takePage(found, limit, EVIDENCE_KEYS, ({ ordinal }) =>
        String(ordinal),
      );
      return {
        evidenceKeys: items.map((key) => viewKey(key, key.id === current?.id, here.has(key.id))),
        nextPageToken,
      };
    },

    async rotateEvidenceKey(_request, call) {
      return { evidenceKey: viewKey(await rotateEvidenceKey(context, getPerson(call).caller), true, true) };
    },
  };
}

function viewKey(key: StoredEvidenceKey, current: boolean, available: boolean): EvidenceKey {
  return create(EvidenceKeySchema, {
    name: evidenceKeyName(key.id),
    publicKey: Uint8Array.from(key.publicKey),
    createTime: timestampFromDate(key.createTime),
    current,
    available,
  });
}
