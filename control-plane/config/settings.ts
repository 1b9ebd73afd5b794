import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  listenSetting,
  listSetting,
  secretSetting,
  stringSetting,
} from '#core/settings/kinds.ts';
import type { ValuesOf } from '#core/settings/settings.ts';
import type { Tls } from '../../program/transport.ts';
import type { WitnessPlace } from '../log/witness.ts';
import type { SmtpPlace } from '../notification/channel/email.ts';

/** Every setting of the control plane: the one place of its names and defaults. */
export const SETTINGS = {
  listen: listenSetting({
    default: '127.0.0.1:8480',
    help: 'Where to serve the API and the health endpoints',
  }),
  mongodbUri: secretSetting({
    required: true,
    help: 'MongoDB connection string of a replica set, such as mongodb://host1,host2/?replicaSet=rs0',
  }),
  mongodbDatabase: stringSetting({
    default: 'sworn',
    placeholder: 'name',
    help: 'The database to use, whatever the path of the URI says',
  }),
  stateDirectory: stringSetting({
    default: '.sworn/control-plane',
    placeholder: 'directory',
    help: 'Where the keys are kept; every replica needs the same ones',
  }),
  evidenceKmsKey: stringSetting({
    placeholder: 'key',
    help:
      'AWS KMS key (id, ARN or alias) that encrypts the evidence keys in the state directory; without it they lie ' +
      'there bare',
  }),
  // Not a urlSetting: `iss` is compared as a string, and a URL would add a slash to a bare host.
  issuer: stringSetting({
    placeholder: 'url',
    help: 'The OpenID provider that each start has trusted, exactly as its `iss` claim; more are added by the API',
  }),
  gatewayAudience: stringSetting({
    default: 'sworn-gateway',
    placeholder: 'audience',
    help: 'The audience of tokens that applications present to data planes, for that provider',
  }),
  controlPlaneAudience: stringSetting({
    default: 'sworn-control-plane',
    placeholder: 'audience',
    help: 'The audience of tokens that people present here, for that provider',
  }),
  groupsClaim: stringSetting({
    default: 'groups',
    placeholder: 'claim',
    help: 'The claim that lists groups, for that provider; a dot descends into an object',
  }),
  adminGroups: listSetting({
    default: 'sworn-admins',
    help: 'Groups that each start makes admins, where they are not',
  }),
  reviewerGroups: listSetting({
    default: 'sworn-reviewers',
    help: 'Groups that each start makes reviewers, where they are not',
  }),
  auditorGroups: listSetting({
    default: 'sworn-auditors',
    help: 'Groups that each start makes auditors, where they are not',
  }),
  logOrigin: stringSetting({
    placeholder: 'name',
    help: 'The name of the log, such as sworn.example.com/log; a new one when absent, and then always the same',
  }),
  checkpointInterval: durationSetting({
    default: '2s',
    minMs: 100,
    maxMs: 3_600_000,
    help: 'How often a growing log gets a new checkpoint at most',
  }),
  witnesses: listSetting({
    default: '',
    help: 'Witnesses that cosign checkpoints, each its verifier key, a +, and its URL',
  }),
  openLogEntries: booleanSetting({
    default: 'false',
    help: 'Serve the entries of the log to anyone; they name callers',
  }),
  minimumRetention: durationSetting({
    default: '1d',
    minMs: 86_400_000,
    maxMs: 36_525 * 86_400_000,
    help: 'Policies may not let content go sooner; what records say is raised to it. The same for every replica',
  }),
  fourEyes: booleanSetting({
    default: 'false',
    help:
      'A second admin has to approve each change of policies, roles, issuers, upstreams and notifiers. The same for every ' +
      'replica',
  }),
  consoleUrl: stringSetting({
    placeholder: 'url',
    help: 'What notifications link to, with {name} where approvals/ID or reviews/ID goes; else they name the command',
  }),
  smtpUrl: secretSetting({
    help: 'The SMTP server for e-mail, smtp://user:password@host:587 (with STARTTLS) or smtps://…',
  }),
  mailFrom: stringSetting({ placeholder: 'address', help: 'The address that e-mail comes from' }),
  tlsCert: stringSetting({
    placeholder: 'file',
    help: 'PEM certificate chain; with --tls-key it turns TLS on',
  }),
  tlsKey: stringSetting({ placeholder: 'file', help: 'PEM private key' }),
  allowPlaintext: booleanSetting({
    default: 'false',
    help: 'Serve without TLS on an address that is not loopback, behind a proxy that does TLS',
  }),
  drainDeadline: durationSetting({
    default: '20s',
    minMs: 0,
    maxMs: 600_000,
    help: 'How long running calls may take after SIGTERM',
  }),
  logLevel: choiceSetting(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    help: 'The least level that is logged',
  }),
} as const;

/** The control plane's settings as it runs with them: secrets and files are read, what belongs together is checked. */
export interface ControlPlaneSettings
  extends Omit<
    ValuesOf<typeof SETTINGS>,
    'mongodbUri' | 'tlsCert' | 'tlsKey' | 'witnesses' | 'smtpUrl' | 'mailFrom'
  > {
  /** May contain a password: never log it. */
  readonly mongodbUri: string;
  readonly tls: Tls | undefined;
  readonly witnesses: readonly WitnessPlace[];
  /** Undefined where no e-mail can be sent. May contain a password: never log it. */
  readonly smtp: SmtpPlace | undefined;
}
