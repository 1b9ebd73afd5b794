import type { Document, IndexSpecification } from 'mongodb';

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
