import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Record, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

/** What a writer says; its place, time and digest are the recorder's. */
export type RecordFields = Omit<
  Exclude<MessageInitShape<typeof RecordSchema>, Record>,
  | '$typeName'
  | '$unknown'
  | 'plane'
  | 'epoch'
  | 'seq'
  | 'prevHash'
  | 'time'
  | 'ciphertextSha256'
  | 'keysSha256'
  | 'promptCommitment'
  | 'responseCommitment'
  | 'sentCommitment'
>;
