import { randomBytes } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { type Client, createClient, createRouterTransport } from '@connectrpc/connect';
import { createValidateInterceptor } from '@connectrpc/validate';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { type Record, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { personKey } from '../../../control-plane/api/identity.ts';
import { createPolicyService } from '../../../control-plane/api/policy-service.ts';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import type { Context } from '../../../control-plane/context.ts';
import { readSnapshotHead } from '../../../control-plane/storage/configuration/heads.ts';
import { openDatabase } from '../../../control-plane/storage/database.ts';
import { headsSchema } from '../../../control-plane/storage/schema/heads.ts';
import { policiesSchema } from '../../../control-plane/storage/schema/policies.ts';
import { policyRevisionsSchema } from '../../../control-plane/storage/schema/policy-revisions.ts';
import { recordsSchema } from '../../../control-plane/storage/schema/records.ts';
import { writersSchema } from '../../../control-plane/storage/schema/writers.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { readStoreTime } from '../../../control-plane/storage/store-time.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { openTestMongo } from '../../env/mongo.ts';
import { makeRosters } from '../../env/rosters.ts';

const ADMIN = create(CallerSchema, { issuer: 'https://idp.example', subject: 'admin-1' });

/** PolicyService over a real store. */
export interface Env {
  readonly context: Context;
  readonly client: Client<typeof PolicyService>;
  /** The newest snapshot revision; 0 before the first. */
  revision(): Promise<bigint>;
  /** What was recorded so far, oldest first: `policy.create policies/a by admin-1`. */
  actions(): Promise<string[]>;
  /** The records of an action, oldest first. */
  records(action: string): Promise<Record[]>;
  /** Forgets all policies, records and revisions. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a database with the collections that policies need. */
export async function startEnv(): Promise<Env> {
  const mongo = await openTestMongo();
  const logger = pino({ level: 'silent' });
  const seal = createSeal(randomBytes(32));
  const database = await openDatabase({ uri: mongo.uri, name: mongo.newDatabase(), logger, seal });
  const schemas = [headsSchema, policiesSchema, policyRevisionsSchema, recordsSchema, writersSchema];
  for (const { name, validator } of schemas) await database.db.createCollection(name, { validator });
  await makeRosters(database);
  const keys = await openTestKeys();
  const shutdown = new AbortController();
  const context: Context = {
    // Policies depend on no other setting.
    settings: { minimumRetention: 86_400_000 } as ControlPlaneSettings,
    database,
    seal,
    evidenceKeys: keys.provider,
    logger,
    now: () => new Date(),
    storeTime: () => readStoreTime(database),
    shutdown: shutdown.signal,
    replica: uuidv7(),
  };
  const recorded = async () =>
    (await database.db.collection('records').find().sort({ seq: 1 }).toArray()).map((document) =>
      fromBinary(RecordSchema, document['bytes'].buffer),
    );
  return {
    context,
    client: connect(context),
    revision: async () => (await readSnapshotHead(database))?.revision ?? 0n,
    actions: async () =>
      (await recorded()).map(({ action, resource, caller }) => `${action} ${resource} by ${caller?.subject}`),
    records: async (action) => (await recorded()).filter((record) => record.action === action),
    async clear() {
      for (const { name } of schemas) await database.db.collection(name).deleteMany({});
      await makeRosters(database);
    },
    async close() {
      shutdown.abort();
      await database.close();
      await mongo.close();
      await keys.close();
    },
  };
}

function connect(context: Context): Client<typeof PolicyService> {
  const transport = createRouterTransport(
    (router) => {
      router.service(PolicyService, createPolicyService(context));
    },
    {
      router: {
        interceptors: [
          (next) => (request) => {
            request.contextValues.set(personKey, { caller: ADMIN, roles: new Set([Role.ADMIN]) });
            return next(request);
          },
          createValidateInterceptor(),
        ],
      },
    },
  );
  return createClient(PolicyService, transport);
}
