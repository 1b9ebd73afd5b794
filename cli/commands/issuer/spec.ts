import type { Command } from 'commander';
import { collect } from '../../options.ts';

/** The options that say what is accepted from an issuer. */
export interface SpecOptions {
  readonly issuerUrl?: string;
  readonly gatewayAudience?: readonly string[];
  readonly controlPlaneAudience?: readonly string[];
  readonly groupsClaim?: string;
  readonly algorithm?: readonly string[];
}

/** The fields of an IssuerSpec that were given. */
export interface GivenSpec {
  issuerUrl?: string;
  gatewayAudiences?: string[];
  controlPlaneAudiences?: string[];
  groupsClaim?: string;
  algorithms?: string[];
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
  return { spec, paths };
}
