import { type Db, type Document, Long } from 'mongodb';
import { createCollections } from './0001-create-collections.ts';

/** Keeps what policies say now as their first revision, without an author: who wrote it is in the record alone. */
export async function createPolicyRevisions(db: Db): Promise<void> {
  await createCollections(db);
  const revision = Long.ONE;
  for await (const { _id, spec, updateTime } of db
    .collection<{ _id: string; spec: Document; updateTime: Date }>('policies')
    .find({ revision: { $exists: false } })) {
    await db.collection<{ _id: string }>('policyRevisions').updateOne(
      { _id: `${_id}/revisions/1` },
      {
        $setOnInsert: {
          policy: _id,
          number: revision,
          spec,
          reason: 'kept before revisions were',
          createTime: updateTime,
        },
      },
      { upsert: true },
    );
    await db.collection<{ _id: string }>('policies').updateOne({ _id }, { $set: { revision } });
  }
}
