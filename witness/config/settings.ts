import type { NoteKey } from '#core/evidence/note/key.ts';
import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  listenSetting,
  listSetting,
  stringSetting,
} from '#core/settings/kinds.ts';
import type { ValuesOf } from '#core/settings/settings.ts';
import type { Tls } from '../../program/transport.ts';

/** Every setting of a witness: the one place of its names and defaults. */
export const SETTINGS = {
  listen: listenSetting({ default: '127.0.0.1:8470', help: 'Where logs submit their checkpoints' }),
  witnessName: stringSetting({
    required: true,
    placeholder: 'name',
    help: 'The name of its key, such as witness.example.org/w1; never to be changed',
  }),
  logKeys: listSetting({
    default: '',
    help: 'Verifier keys of the logs to cosign, as `sworn audit key` prints them',
  }),
  stateDirectory: stringSetting({
    default: '.sworn/witness',
    placeholder: 'directory',
    help: 'Where its key and the last checkpoint of each log are kept; of one witness alone',
  }),
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
    default: '5s',
    minMs: 0,
    maxMs: 60_000,
    help: 'How long running requests may take after SIGTERM',
  }),
  logLevel: choiceSetting(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    help: 'The least level that is logged',
  }),
} as const;

/** The settings of a witness as it runs with them. */
export interface WitnessSettings extends Omit<ValuesOf<typeof SETTINGS>, 'logKeys' | 'tlsCert' | 'tlsKey'> {
  /** Of type `ed25519`; a log's origin is the name of its key. */
  readonly logKeys: readonly NoteKey[];
  readonly tls: Tls | undefined;
}
