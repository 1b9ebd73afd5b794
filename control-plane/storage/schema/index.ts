import { alarmsSchema } from './alarms.ts';
import { approvalsSchema } from './approvals.ts';
import { checkpointsSchema } from './checkpoints.ts';
import type { CollectionSchema } from './collection.ts';
import { evidenceKeysSchema } from './evidence-keys.ts';
import { exchangesSchema } from './exchanges.ts';
import { forgottenSessionsSchema } from './forgotten-sessions.ts';
import { grantsSchema } from './grants.ts';
import { headsSchema } from './heads.ts';
import { holdTurnsSchema } from './hold-turns.ts';
import { holdsSchema } from './holds.ts';
import { issuersSchema } from './issuers.ts';
import { joinTokensSchema } from './join-tokens.ts';
import { logSchema } from './log.ts';
import { logRunsSchema } from './log-runs.ts';
import { logTilesSchema } from './log-tiles.ts';
import { loginsSchema } from './logins.ts';
import { maskingKeysSchema } from './masking-keys.ts';
import { masterKeysSchema } from './master-keys.ts';
import { notificationsSchema } from './notifications.ts';
import { notifiersSchema } from './notifiers.ts';
import { payloadsSchema } from './payloads.ts';
import { planeHeadsSchema } from './plane-heads.ts';
import { planesSchema } from './planes.ts';
import { policiesSchema } from './policies.ts';
import { policyRevisionsSchema } from './policy-revisions.ts';
import { proposalsSchema } from './proposals.ts';
import { recordsSchema } from './records.ts';
import { replicasSchema } from './replicas.ts';
import { reviewsSchema } from './reviews.ts';
import { revocationsSchema } from './revocations.ts';
import { roleBindingsSchema } from './role-bindings.ts';
import { rostersSchema } from './rosters.ts';
import { sessionLinksSchema } from './session-links.ts';
import { sessionsSchema } from './sessions.ts';
import { signingKeysSchema } from './signing-keys.ts';
import { upstreamsSchema } from './upstreams.ts';
import { usageReportsSchema, usageSchema } from './usage.ts';
import { writersSchema } from './writers.ts';

/** Every collection. */
export const SCHEMAS: readonly CollectionSchema[] = [
  alarmsSchema,
  approvalsSchema,
  checkpointsSchema,
  evidenceKeysSchema,
  exchangesSchema,
  forgottenSessionsSchema,
  grantsSchema,
  headsSchema,
  holdTurnsSchema,
  holdsSchema,
  issuersSchema,
  joinTokensSchema,
  logSchema,
  logRunsSchema,
  logTilesSchema,
  loginsSchema,
  maskingKeysSchema,
  masterKeysSchema,
  notificationsSchema,
  notifiersSchema,
  payloadsSchema,
  planeHeadsSchema,
  planesSchema,
  policiesSchema,
  policyRevisionsSchema,
  proposalsSchema,
  recordsSchema,
  replicasSchema,
  reviewsSchema,
  revocationsSchema,
  roleBindingsSchema,
  rostersSchema,
  sessionLinksSchema,
  sessionsSchema,
  signingKeysSchema,
  upstreamsSchema,
  usageReportsSchema,
  usageSchema,
  writersSchema,
];
