import { type Command, Option } from 'commander';
import { Binding } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { usageFailure } from '../../failure.ts';
import { collect } from '../../options.ts';

/** By their names on the command line. */
export const BINDINGS = {
  none: Binding.UNSPECIFIED,
  dpop: Binding.DPOP,
  mtls: Binding.MTLS,
  'any-bound': Binding.ANY,
} as const;

/** The options that say what is accepted from an issuer. */
export interface SpecOptions {
  readonly issuerUrl?: string;
  readonly gatewayAudience?: readonly string[];
  readonly controlPlaneAudience?: readonly string[];
  readonly groupsClaim?: string;
  readonly algorithm?: readonly string[];
  readonly groupName?: readonly string[];
  readonly serviceClient?: readonly string[];
  readonly binding?: keyof typeof BINDINGS;
}

/** The fields of an IssuerSpec that were given. */
export interface GivenSpec {
  issuerUrl?: string;
  gatewayAudiences?: string[];
  controlPlaneAudiences?: string[];
  groupsClaim?: string;
  algorithms?: string[];
  groupNames?: Record<string, string>;
  serviceClients?: string[];
  binding?: Binding;
}

/** Adds the options of SpecOptions, but for `--issuer-url`, which `create` requires. */
export function withSpec(command: Command): Command {
  return command
    .option('--gateway-audience <aud>', "accepted 'aud' of applications' tokens; may be repeated", collect)
    .option('--control-plane-audience <aud>', "accepted 'aud' of people's tokens; may be repeated", collect)
    .option('--groups-claim <claim>', "the claim that lists groups; a dot descends ('groups' when empty)")
    .option(
      '--algorithm <alg>',
      'accepted JWS algorithm; may be repeated (RS256, PS256, ES256, EdDSA when none)',
      collect,
    )
    .option('--group-name <id=name>', 'call the group of this id so; may be repeated', collect)
    .option(
      '--service-client <client>',
      "a client whose tokens are a service's own; may be repeated",
      collect,
    )
    .addOption(
      new Option(
        '--binding <kind>',
        "what applications' tokens must be bound to: a key (dpop), a certificate (mtls)",
      ).choices(Object.keys(BINDINGS)),
    );
}

/** What was given of a spec, and the update mask paths that go with it. */
export function readSpec(options: SpecOptions): { spec: GivenSpec; paths: string[] } {
  const spec: GivenSpec = {};
  const paths: string[] = [];
  if (options.issuerUrl !== undefined) {
    spec.issuerUrl = options.issuerUrl;
    paths.push('spec.issuer_url');
  }
  if (options.gatewayAudience !== undefined) {
    spec.gatewayAudiences = [...options.gatewayAudience];
    paths.push('spec.gateway_audiences');
  }
  if (options.controlPlaneAudience !== undefined) {
    spec.controlPlaneAudiences = [...options.controlPlaneAudience];
    paths.push('spec.control_plane_audiences');
  }
  if (options.groupsClaim !== undefined) {
    spec.groupsClaim = options.groupsClaim;
    paths.push('spec.groups_claim');
  }
  if (options.algorithm !== undefined) {
    spec.algorithms = [...options.algorithm];
    paths.push('spec.algorithms');
  }
  if (options.groupName !== undefined) {
    spec.groupNames = Object.fromEntries(options.groupName.map(readGroupName));
    paths.push('spec.group_names');
  }
  if (options.serviceClient !== undefined) {
    spec.serviceClients = [...options.serviceClient];
    paths.push('spec.service_clients');
  }
  if (options.binding !== undefined) {
    spec.binding = BINDINGS[options.binding];
    paths.push('spec.binding');
  }
  return { spec, paths };
}

function readGroupName(text: string): [id: string, name: string] {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1)
    throw usageFailure(`--group-name '${text}' is not of the form ID=NAME`);
  return [text.slice(0, at), text.slice(at + 1)];
}
