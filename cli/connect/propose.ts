import { create, type DescMessage } from '@bufbuild/protobuf';
import { ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Change, ChangeSchema, type Proposal } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';

/** Thrown in the place of an answer: the change was not made, but proposed; without a proposal nothing would be different. */
export class Proposed extends Error {
  override readonly name = 'Proposed';
  readonly proposal: Proposal | undefined;

  constructor(proposal: Proposal | undefined) {
    super('the change was proposed');
    this.proposal = proposal;
  }
}

/**
 * Proposes what the deployment does not let one admin alone do, so that every command says the same whether or not a second one
 * is asked. Calls throw Proposed then.
 * @param reason why, for who has to approve it
 */
export function withProposals(transport: Transport, reason: string): Transport {
  return {
    stream: transport.stream.bind(transport),
    unary: async (method, signal, timeoutMs, header, input, contextValues) => {
      try {
        return await transport.unary(method, signal, timeoutMs, header, input, contextValues);
      } catch (error) {
        const request =
          reasonOf(error) === Reason.PROPOSAL_REQUIRED ? requestOf(method.input, input) : undefined;
        if (request === undefined) throw error;
        const { proposal } = await createClient(ProposalService, transport).createProposal({
          change: { request },
          reason,
        });
        throw new Proposed(proposal);
      }
    },
  };
}

/** The field of a Change for this request; undefined when such a call cannot be proposed. */
function requestOf(schema: DescMessage, input: object): NonNullableCase<Change['request']> | undefined {
  const field = ChangeSchema.fields.find(({ message }) => message?.typeName === schema.typeName);
  if (field === undefined) return undefined;
  return { case: field.localName, value: create(schema, input as never) } as NonNullableCase<
    Change['request']
  >;
}

type NonNullableCase<T extends { case: string | undefined }> = Exclude<T, { case: undefined }>;

function reasonOf(error: unknown): Reason | undefined {
  return error instanceof ConnectError ? error.findDetails(ErrorDetailSchema)[0]?.reason : undefined;
}
