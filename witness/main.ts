// `sworn witness`
import { createCommand } from '../program/command.ts';
import { runProgram } from '../program/run.ts';
import { loadSettings } from './config/load.ts';
import { SETTINGS, type WitnessSettings } from './config/settings.ts';
import { startWitness } from './start.ts';

const NAME = 'sworn witness';
const HELP = `
Examples:
  ${NAME} --witness-name witness.example.org/w1 \\
    --log-keys sworn.example.com/log+1f2e3d4c+AbCd… \\
    --listen 0.0.0.0:8470 --tls-cert tls.crt --tls-key tls.key
  ${NAME} --config /etc/sworn/witness.yaml

It says its verifier key when it starts, and keeps it in witness.vkey: the control plane takes it
with the address, as --witnesses 'NAME+ID+KEY+https://witness.example.org:8470'. Run it under
another administration than the log. Any log that speaks C2SP tlog-witness can use it.
Health: GET /healthz/ready, /healthz/live.`;

await runProgram<WitnessSettings>(
  {
    command: createCommand(
      NAME,
      'Cosigns checkpoints of logs, each only when it goes on from the one that it cosigned before.',
      SETTINGS,
      HELP,
    ),
    load: loadSettings,
    start: startWitness,
    explain: () => undefined,
  },
  process.argv.slice(2),
);
