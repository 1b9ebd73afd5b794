import { approvalsSchema } from '../../../control-plane/storage/schema/approvals.ts';
import { headsSchema } from '../../../control-plane/storage/schema/heads.ts';
import { issuersSchema } from '../../../control-plane/storage/schema/issuers.ts';
import { joinTokensSchema } from '../../../control-plane/storage/schema/join-tokens.ts';
import { planesSchema } from '../../../control-plane/storage/schema/planes.ts';
import { policiesSchema } from '../../../control-plane/storage/schema/policies.ts';
import { recordsSchema } from '../../../control-plane/storage/schema/records.ts';
import { roleBindingsSchema } from '../../../control-plane/storage/schema/role-bindings.ts';
import { signingKeysSchema } from '../../../control-plane/storage/schema/signing-keys.ts';
import { upstreamsSchema } from '../../../control-plane/storage/schema/upstreams.ts';
import { writersSchema } from '../../../control-plane/storage/schema/writers.ts';

export const SCHEMAS = [
  approvalsSchema,
  headsSchema,
  issuersSchema,
  joinTokensSchema,
  planesSchema,
  policiesSchema,
  recordsSchema,
  roleBindingsSchema,
  signingKeysSchema,
  upstreamsSchema,
  writersSchema,
];
