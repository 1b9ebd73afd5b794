import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { RoleBindingSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { contentOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { viewNotifier } from '../notification/view.ts';
import { findIssuer } from '../storage/configuration/issuers.ts';
import { findNotifier } from '../storage/configuration/notifiers.ts';
import { findPolicy } from '../storage/configuration/policies.ts';
import { findRoleBinding } from '../storage/configuration/role-bindings.ts';
import { findUpstream } from '../storage/configuration/upstreams.ts';
import type { ClientSession } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';

/** A resource of the configuration as it is at one moment. */
export interface Resource {
  readonly etag: string;
  /** What it says, without secrets, etag and times, as JSON with its keys in order. */
  readonly content: string;
}

/** What stands for a resource that was altered: proposals may overwrite or remove it. */
const ALTERED: Resource = { etag: 'altered', content: '' };

/** The resource of this name as the session sees it; undefined when it is not there. */
export function readResource(
  context: Context,
  session: ClientSession,
  name: string,
): Promise<Resource | undefined> {
  return ifAltered(read(context, session, name), () => ALTERED);
}

async function read(
  { database }: Context,
  session: ClientSession,
  name: string,
): Promise<Resource | undefined> {
  const [collection] = name.split('/', 1);
  switch (collection) {
    case 'policies':
      return describe(PolicySchema, await findPolicy(database, name, session));
    case 'roleBindings':
      return describe(RoleBindingSchema, await findRoleBinding(database, name, session));
    case 'issuers':
      return describe(IssuerSchema, await findIssuer(database, name, session));
    case 'upstreams':
      return describe(UpstreamSchema, (await findUpstream(database, name, session))?.upstream);
    case 'notifiers': {
      const document = await findNotifier(database, name, session);
      return describe(NotifierSchema, document && viewNotifier(document));
    }
    default:
      throw new TypeError(`no proposal is about ${name}`);
  }
}

function describe<Desc extends DescMessage>(
  schema: Desc,
  message: (MessageShape<Desc> & { readonly etag: string }) | undefined,
): Resource | undefined {
  return message && { etag: message.etag, content: contentOf(schema, message) };
}
