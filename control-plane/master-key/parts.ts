import { questionContext } from '../approval/question.ts';
import { MASKING_KEY_CONTEXT } from '../distribution/masking-key.ts';
import { signingKeyContext } from '../distribution/signing-key.ts';
import { notifierContext } from '../notification/secret.ts';
import { proposalContext } from '../proposal/content.ts';
import type { NotifierDocument } from '../storage/configuration/notifiers.ts';
import { specOf } from '../storage/configuration/upstreams.ts';
import type { Database } from '../storage/database.ts';
import { isLogBehind, resealLog } from '../storage/log/log.ts';
import {
  countBehind,
  type Resealed,
  resealDocuments,
  type SealedFields,
} from '../storage/reseal/documents.ts';
import { countRecordsBehind, resealRecords } from '../storage/reseal/records.ts';
import { countRostersBehind, resealRosters } from '../storage/reseal/rosters.ts';
import { SEALED } from '../storage/sealing/sealing.ts';
import { type Secrets, upstreamContext } from '../upstream/secrets.ts';

/** Something of the database that is sealed, or has MACs, with a master key. */
export interface Part {
  /** The collection. */
  readonly name: string;
  /** How many documents of it are not of the key in force. */
  count(database: Database): Promise<number>;
  /** Seals them anew, batch by batch. @throws AlteredError where a roster is at fault */
  reseal(database: Database): AsyncIterable<Resealed>;
}

const upstreamField = (key: keyof Secrets): SealedFields[string] => {
  return ({ _id, baseUrl, spec }) => upstreamContext(_id, key, specOf({ baseUrl, spec }));
};

/** Every field that is sealed, by collection. */
const FIELDS: Readonly<Record<string, SealedFields>> = {
  signingKeys: { sealedPrivateKey: ({ _id }) => signingKeyContext(_id) },
  maskingKeys: { sealedKey: () => MASKING_KEY_CONTEXT },
  proposals: { content: ({ _id }) => proposalContext(_id) },
  upstreams: {
    sealedCredential: upstreamField('credential'),
    sealedClientKey: upstreamField('clientKey'),
    sealedProxyCredential: upstreamField('proxyCredential'),
    sealedSecretHeaders: upstreamField('secretHeaders'),
  },
  notifiers: { sealedSecret: (document) => notifierContext(document as NotifierDocument) },
  approvals: { questionMark: ({ _id }) => questionContext(_id) },
};

const DOCUMENTS = [...new Set([...Object.keys(FIELDS), ...Object.keys(SEALED)])].map((name): Part => {
  const fields = FIELDS[name] ?? {};
  return {
    name,
    count: (database) => countBehind(database, name, fields),
    reseal: (database) => resealDocuments(database, name, fields),
  };
});

/** All of it; records last, of which there are most. */
export const PARTS: readonly Part[] = [
  ...DOCUMENTS,
  { name: 'rosters', count: countRostersBehind, reseal: resealRosters },
  {
    name: 'log',
    count: async (database) => ((await isLogBehind(database)) ? 1 : 0),
    async *reseal(database) {
      if (!(await isLogBehind(database))) return;
      const isDone = await resealLog(database);
      yield isDone ? { count: 1, passedOver: [] } : { count: 0, passedOver: ['log/log'] };
    },
  },
  { name: 'records', count: countRecordsBehind, reseal: resealRecords },
];
