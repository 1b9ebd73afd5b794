import type { Document, IndexSpecification } from 'mongodb';
import { approvalsSchema } from './approvals.ts';
import { exchangesSchema } from './exchanges.ts';
import { headsSchema } from './heads.ts';
import { issuersSchema } from './issuers.ts';
import { joinTokensSchema } from './join-tokens.ts';
import { payloadsSchema } from './payloads.ts';
import { planesSchema } from './planes.ts';
import { policiesSchema } from './policies.ts';
import { recordsSchema } from './records.ts';
import { roleBindingsSchema } from './role-bindings.ts';
import { sessionsSchema } from './sessions.ts';
import { signingKeysSchema } from './signing-keys.ts';
import { upstreamsSchema } from './upstreams.ts';
import { writersSchema } from './writers.ts';

/** One index of a collection. Changing one takes a migration: the first one made is never altered in place. */
export interface CollectionIndex {
  readonly name: string;
  readonly key: IndexSpecification;
  readonly unique?: boolean;
  /** Documents that the index holds; all when absent. */
  readonly partialFilterExpression?: Document;
  /** Documents go this many seconds after the date in the indexed field. */
  readonly expireAfterSeconds?: number;
}

/** A collection as the migrations create it. */
export interface CollectionSchema {
  readonly name: string;
  /** What MongoDB refuses to store otherwise: `{ $jsonSchema: … }`. */
  readonly validator: Document;
  readonly indexes: readonly CollectionIndex[];
}

/** Every collection. */
export const SCHEMAS: readonly CollectionSchema[] = [
  approvalsSchema,
  exchangesSchema,
  headsSchema,
  issuersSchema,
  joinTokensSchema,
  payloadsSchema,
  planesSchema,
  policiesSchema,
  recordsSchema,
  roleBindingsSchema,
  sessionsSchema,
  signingKeysSchema,
  upstreamsSchema,
  writersSchema,
];
