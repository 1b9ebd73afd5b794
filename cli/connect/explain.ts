import { Code, ConnectError } from '@connectrpc/connect';
import type { Command } from 'commander';
import { ErrorDetailSchema, Reason, ReasonSchema } from '#proto/sworn/error/v1/error_pb.ts';
import { CommandFailure, EXIT, type ExitCode, type Fault, unexpectedFailure } from '../failure.ts';
import { inFlags } from './flags.ts';
import { explainTls } from './tls.ts';

const EXIT_CODES: Partial<Record<Code, ExitCode>> = {
  [Code.PermissionDenied]: EXIT.denied,
  [Code.Unauthenticated]: EXIT.unauthenticated,
  [Code.Unavailable]: EXIT.unavailable,
  [Code.DeadlineExceeded]: EXIT.unavailable,
  [Code.DataLoss]: EXIT.verificationFailed,
  [Code.Canceled]: EXIT.interrupted,
};

/** The issuer may be left out by who has logged in before. */
const LOGIN = 'sworn login --control-plane {controlPlane} --issuer URL';

/** What to do next, by reason; `{controlPlane}` is put in. */
const HINTS: Partial<Record<Reason, string>> = {
  [Reason.UNAUTHENTICATED]: LOGIN,
  [Reason.ROLE_REQUIRED]:
    "'sworn whoami' shows your roles; an admin gives one with 'sworn role bind GROUP ROLE'",
  [Reason.INVALID_PAGE_TOKEN]: 'list again without --page-token',
  [Reason.INVALID_ARGUMENT]: 'add --help for what it takes',
  [Reason.NOT_FOUND]: "the 'list' command of the same noun shows what there is",
  [Reason.ETAG_MISMATCH]: 'somebody changed it meanwhile: get it again, then repeat',
  [Reason.POLICY_INVALID]: 'sworn policy validate -f FILE',
  [Reason.APPROVAL_NOT_PENDING]: 'sworn approval list --state all',
  [Reason.APPROVAL_NOT_USABLE]: "when it is asked again, 'sworn approval list' has it",
  [Reason.REVIEW_NOT_PENDING]: 'sworn review list --completed',
  [Reason.OWN_REQUEST]: 'another member of the reviewer groups has to decide',
  [Reason.ALREADY_APPROVED]: 'another member of the reviewer groups has to approve',
  [Reason.PERSON_REQUIRED]: 'sign in as a person: sworn login',
  [Reason.LOCKS_OUT]:
    "give another group the role first ('sworn role bind GROUP admin'), or sign in through another issuer",
  [Reason.PROPOSAL_NOT_PENDING]: 'sworn proposal list --state all',
  [Reason.PROPOSAL_CONFLICT]:
    "look at what is there now, and propose it anew; 'sworn proposal reject' ends this one",
  [Reason.NOT_ADDRESSED]: 'sworn approval list',
  [Reason.IN_USE]: 'remove what refers to it first',
  [Reason.STORE_UNAVAILABLE]: 'sworn status',
  [Reason.DRAINING]: 'repeat the command: another replica answers',
  [Reason.EVIDENCE_KEY_UNAVAILABLE]: "'sworn evidence-key list' shows which keys the control plane has",
  [Reason.CONTENT_ALTERED]: 'somebody changed the store: keep a copy as it is, and compare it with a backup',
  [Reason.CONTENT_ERASED]: "'sworn audit show' says by whose authority",
  [Reason.INTERNAL]: "the control plane's log says more",
};

/** What lists the resources of a collection, for who named one that there is not. */
const LISTS: Readonly<Record<string, string>> = {
  actions: "sworn audit records --action '*'",
  approvals: 'sworn approval list --state all',
  entities: 'sworn phi entities',
  exchanges: 'sworn audit exchanges',
  grants: 'sworn grant list',
  holds: 'sworn hold list --released',
  issuers: 'sworn issuer list',
  joinTokens: "'sworn plane list' shows whether a plane has joined with it",
  notifications: 'sworn notification list',
  notifiers: 'sworn notifier list',
  planes: 'sworn plane list',
  policies: "sworn policy list; of one that was deleted, 'sworn policy history NAME'",
  proposals: 'sworn proposal list --state all',
  reviews: 'sworn review list --completed',
  revocations: 'sworn revocation list',
  roleBindings: 'sworn role list',
  sessions:
    "as an auditor, 'sworn audit sessions' lists them; with --named NAME those that applications named so",
  upstreams: 'sworn upstream list',
};

/** `sworn policy history research` of `policies/research/revisions/9`; undefined of what no command lists. */
function listOf(name: string): string | undefined {
  const [, policy] = /^policies\/([^/]+)\/revisions\//.exec(name) ?? [];
  return policy === undefined ? LISTS[name.replace(/\/.*/, '')] : `sworn policy history ${policy}`;
}

/** What changes the one that exists; what lists it where nothing changes it. */
function changeOf(name: string): string | undefined {
  const [collection = '', id] = name.split('/');
  const noun = { issuers: 'issuer', notifiers: 'notifier', upstreams: 'upstream' }[collection];
  return noun === undefined ? LISTS[collection] : `'sworn ${noun} update ${id}' changes the one that exists`;
}

/** What to do next about one field alone, where more than its rules is to be said. */
const FIELD_HINTS: Readonly<Record<string, string>> = {
  reason: 'add --reason TEXT',
  window: 'approve without --for, for this request alone, or for no longer than the policy says in window',
};

/** What to do next, where it depends on what the failure is about. */
function hintFor(reason: Reason | undefined, metadata: Readonly<Record<string, string>>): string | undefined {
  const { name = '' } = metadata;
  if (reason === Reason.NOT_FOUND) return listOf(name);
  if (reason === Reason.ALREADY_EXISTS) return changeOf(name);
  if (reason === Reason.OWN_REQUEST && name.startsWith('proposals/')) {
    const id = name.replace('proposals/', '');
    return `another admin has to decide; 'sworn proposal withdraw ${id}' takes it back`;
  }
  const [field = '', ...others] = Object.keys(metadata);
  const isOfOne = reason === Reason.INVALID_ARGUMENT && others.length === 0;
  return isOfOne && Object.hasOwn(FIELD_HINTS, field) ? FIELD_HINTS[field] : undefined;
}

const WHO_ANSWERS = 'is {controlPlane} a Sworn control plane? check --control-plane and SWORN_CONTROL_PLANE';

/** What to do next, by Connect code, where the server gave no reason: it was not reached, or is none of ours. */
const CODE_HINTS: Partial<Record<Code, string>> = {
  [Code.Unauthenticated]: WHO_ANSWERS,
  [Code.PermissionDenied]: WHO_ANSWERS,
  [Code.Unavailable]: 'is it running? check --control-plane and SWORN_CONTROL_PLANE',
  [Code.DeadlineExceeded]: 'sworn status',
  [Code.Unimplemented]: WHO_ANSWERS,
};

/**
 * Turns whatever a call threw into a failure that says what was wrong, what to do next, and the exit code.
 * @param command what was typed, to which the failure puts down what is wrong with a field of the API
 */
export function explainFailure(error: unknown, controlPlane: string, command?: Command): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (!(error instanceof ConnectError)) return unexpectedFailure(error);
  if (error.cause instanceof CommandFailure) return error.cause;
  const distrusted = explainTls(error, controlPlane);
  if (distrusted !== undefined) return distrusted;
  const detail = error.findDetails(ErrorDetailSchema)[0];
  const reason = detail === undefined || detail.reason === Reason.UNSPECIFIED ? undefined : detail.reason;
  const metadata = detail?.metadata ?? {};
  const hint =
    hintFor(reason, metadata) ?? (reason === undefined ? CODE_HINTS[codeOf(error)] : HINTS[reason]);
  const said = describe(error, reason, controlPlane);
  // Programs find the API's fields in the metadata.
  const isOfFields = reason === Reason.INVALID_ARGUMENT && command !== undefined;
  return new CommandFailure(isOfFields ? inFlags(said, Object.keys(metadata), command) : said, {
    exitCode: EXIT_CODES[error.code] ?? EXIT.failure,
    code: codeWord(codeOf(error)),
    reason: ReasonSchema.values.find((value) => value.number === reason)?.name,
    metadata,
    faults: faultsOf(reason, metadata),
    hint: hint?.replace('{controlPlane}', controlPlane),
    cause: error,
  });
}

/** What the server finds wrong with fields of a request, `upstream.spec.base_url`, or of policies, `policies/a spec.rules[0].when`. */
function faultsOf(reason: Reason | undefined, metadata: Readonly<Record<string, string>>): Fault[] {
  if (reason !== Reason.INVALID_ARGUMENT && reason !== Reason.POLICY_INVALID) return [];
  return Object.entries(metadata).flatMap(([place, text]) => {
    const [, resource = '', field = ''] =
      reason === Reason.POLICY_INVALID ? (/^(\S+)(?: (.+))?$/s.exec(place) ?? []) : ['', '', place];
    return text.split('\n').map((message) => ({ resource, field, message }));
  });
}

/** The code of a call; of an answer in another format than the protocol's, that of what is not served. */
function codeOf(error: ConnectError): Code {
  return OTHER_FORMAT.test(error.rawMessage) ? Code.Unimplemented : error.code;
}

/** What Connect says of a web page. */
const OTHER_FORMAT = /^unsupported content type /;

function describe(error: ConnectError, reason: Reason | undefined, controlPlane: string): string {
  if (error.code === Code.Canceled) return 'interrupted';
  if (reason === undefined && error.code === Code.Unavailable) {
    return `the control plane at ${controlPlane} cannot be reached: ${error.rawMessage}`;
  }
  if (reason === undefined && error.code === Code.DeadlineExceeded) {
    return `the control plane at ${controlPlane} did not answer in time`;
  }
  if (reason === undefined && OTHER_FORMAT.test(error.rawMessage)) {
    return `what answers at ${controlPlane} speaks another protocol: ${error.rawMessage}`;
  }
  return error.rawMessage === '' ? codeWord(error.code) : error.rawMessage;
}

/** `PermissionDenied` is `permission_denied`, as on the wire. */
function codeWord(code: Code): string {
  return (Code[code] ?? 'unknown').replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase();
}
