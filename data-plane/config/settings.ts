import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  integerSetting,
  listenSetting,
  listSetting,
  secretSetting,
  stringSetting,
  urlSetting,
} from '#core/settings/kinds.ts';
import type { ValuesOf } from '#core/settings/settings.ts';
import type { Tls } from '../../program/transport.ts';
import { MAX_CONTENT_BYTES } from '../record/size.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const MIB = 1024 * 1024;

/** Every setting of a data plane: the one place of its names and defaults. */
export const SETTINGS = {
  listen: listenSetting({
    default: '127.0.0.1:8400',
    help: 'Where applications and health probes reach the plane',
  }),
  controlPlane: urlSetting({ required: true, placeholder: 'url', help: 'The control plane' }),
  controlPlaneCa: stringSetting({
    placeholder: 'file',
    help: 'PEM roots for the control plane, instead of the system',
  }),
  joinToken: secretSetting({ help: 'From `sworn plane join-token`; needed once, to enrol' }),
  stateDirectory: stringSetting({
    default: '.sworn/data-plane',
    placeholder: 'directory',
    help: 'Where the key, the last configuration and the spool are kept; not shared between planes',
  }),
  spoolMinFree: integerSetting({
    default: String(512 * MIB),
    min: 0,
    max: 1024 * 1024 * MIB,
    placeholder: 'bytes',
    help: 'Free space on the disk of the state directory below which new requests are refused',
  }),
  tlsCert: stringSetting({
    placeholder: 'file',
    help: 'PEM certificate chain; with --tls-key it turns TLS on',
  }),
  tlsKey: stringSetting({ placeholder: 'file', help: 'PEM private key' }),
  tlsClientCa: stringSetting({
    placeholder: 'file',
    help: 'PEM roots of client certificates: callers are asked for one, to which a token may be bound (RFC 8705)',
  }),
  publicUrl: listSetting({
    default: '',
    placeholder: 'url,...',
    help: 'Where callers reach the plane, as their DPoP proofs have it (RFC 9449); on loopback known by itself',
  }),
  dpopNonce: booleanSetting({
    default: 'false',
    help: 'Take DPoP proofs only with a nonce of a plane of this control plane, so that none can be made ahead',
  }),
  allowPlaintext: booleanSetting({
    default: 'false',
    help: 'Serve without TLS on an address that is not loopback, behind a proxy that does TLS',
  }),
  maxBody: integerSetting({
    default: String(32 * MIB),
    min: 1024,
    max: MAX_CONTENT_BYTES,
    placeholder: 'bytes',
    help: 'The largest request body',
  }),
  bodyBudget: integerSetting({
    min: 4 * 1024,
    max: 1024 * 1024 * MIB,
    placeholder: 'bytes',
    help: 'Bytes of bodies, messages and answers that may be under way, at least four times --max-body; without it an eighth of the heap. A caller may have as many as are free',
  }),
  bodyTimeout: durationSetting({
    default: '60s',
    minMs: SECOND_MS,
    maxMs: 10 * MINUTE_MS,
    help: 'How long a request body may take to arrive',
  }),
  maxConnections: integerSetting({
    default: '1000',
    min: 0,
    max: 100_000,
    placeholder: 'number',
    help: 'WebSockets of callers that are open at a time; one caller may have a tenth of them',
  }),
  connectionIdle: durationSetting({
    default: '10m',
    minMs: SECOND_MS,
    maxMs: 60 * MINUTE_MS,
    help: 'How long a WebSocket stays open on which nothing is asked or answered',
  }),
  maxStaleness: durationSetting({
    default: '24h',
    // Signs of life come every five seconds.
    minMs: 15 * SECOND_MS,
    maxMs: 7 * 24 * 60 * MINUTE_MS,
    help: 'How long the plane goes on without its control plane; then it closes',
  }),
  holdHeaders: durationSetting({
    default: '20s',
    minMs: 0,
    maxMs: 4 * MINUTE_MS,
    help: 'How long a held stream keeps its headers back, so that a quick decision has its proper status',
  }),
  holdComments: durationSetting({
    default: '15s',
    minMs: 10,
    maxMs: 15 * SECOND_MS,
    help: 'How often a held stream gets a comment that keeps the client waiting',
  }),
  holdWhole: durationSetting({
    default: '240s',
    minMs: 0,
    maxMs: 290 * SECOND_MS,
    help: 'How long a call that is not streamed is held; the OpenAI SDKs give up after 300s of silence',
  }),
  upstreamConnectTimeout: durationSetting({
    default: '10s',
    minMs: 100,
    maxMs: 5 * MINUTE_MS,
    help: 'How long connecting to a provider may take',
  }),
  upstreamHeadersTimeout: durationSetting({
    default: '600s',
    minMs: 100,
    maxMs: 60 * MINUTE_MS,
    help: 'How long a provider may take until its answer begins',
  }),
  upstreamIdleTimeout: durationSetting({
    default: '300s',
    minMs: 100,
    maxMs: 60 * MINUTE_MS,
    help: 'How long a provider may be silent in the middle of its answer, or not take a message over WebSocket',
  }),
  upstreamConnections: integerSetting({
    default: '256',
    min: 1,
    max: 10_000,
    placeholder: 'number',
    help: 'Requests to one provider at once, unless the upstream has a limit of its own',
  }),
  workloadIdentityFile: stringSetting({
    placeholder: 'file',
    help: 'A projected token with which the plane gets tokens for upstreams; on AKS $AZURE_FEDERATED_TOKEN_FILE',
  }),
  externalDetector: urlSetting({
    placeholder: 'url',
    help: 'A Presidio Analyzer that has to see every text as well; without it only the built-in detector looks',
  }),
  externalDetectorTimeout: durationSetting({
    default: '5s',
    minMs: 10,
    maxMs: 5 * MINUTE_MS,
    help: 'How long the external detector may take for a prompt, an answer, or a piece of a stream',
  }),
  region: stringSetting({
    placeholder: 'name',
    help: 'Where this plane is: upstreams may be for certain regions only, and conditions of policies read it',
  }),
  labels: listSetting({
    default: '',
    placeholder: 'name=value,...',
    help: 'What else conditions of policies may know of the plane: `labels["name"]`',
  }),
  drainDeadline: durationSetting({
    default: '30s',
    minMs: 0,
    maxMs: 10 * MINUTE_MS,
    help: 'How long running requests may take after SIGTERM',
  }),
  logLevel: choiceSetting(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    help: 'The least level that is logged',
  }),
} as const;

/** The plane's settings as it runs with them: secrets and files are read, what belongs together is checked. */
export interface DataPlaneSettings
  extends Omit<
    ValuesOf<typeof SETTINGS>,
    'bodyBudget' | 'joinToken' | 'tlsCert' | 'tlsKey' | 'tlsClientCa' | 'controlPlaneCa' | 'labels'
  > {
  /** Bytes. */
  readonly bodyBudget: number;
  /** By name. */
  readonly labels: Readonly<Record<string, string>>;
  /** Worth an enrolment: never log it. */
  readonly joinToken: string | undefined;
  readonly tls: Tls | undefined;
  /** PEM text; only with `tls`. */
  readonly tlsClientCa: string | undefined;
  /** PEM text. */
  readonly controlPlaneCa: string | undefined;
}
