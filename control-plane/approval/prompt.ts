import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ApprovalSchema, type PromptText } from '#proto/sworn/approval/v1/approval_pb.ts';

/** A prompt as bytes to seal. */
export function packPrompt(prompt: PromptText[]): Uint8Array {
  return toBinary(ApprovalSchema, create(ApprovalSchema, { prompt }));
}

/** packPrompt's bytes as a prompt. */
export function unpackPrompt(bytes: Uint8Array): PromptText[] {
  return fromBinary(ApprovalSchema, bytes).prompt;
}

/** The context under which the prompt of an approval is sealed. */
export function promptContext(name: string): string {
  return `${name} prompt`;
}
