// `sworn data-plane`
import { createCommand } from '../program/command.ts';
import { runProgram } from '../program/run.ts';
import { loadSettings } from './config/load.ts';
import { type DataPlaneSettings, SETTINGS } from './config/settings.ts';
import { startDataPlane } from './start.ts';

const NAME = 'sworn data-plane';
const HELP = `
Examples:
  ${NAME} --control-plane https://sworn.example.com:8480 \\
    --join-token file:///run/secrets/join-token
  ${NAME} --config /etc/sworn/data-plane.yaml
  SWORN_CONTROL_PLANE=http://127.0.0.1:8480 ${NAME} --listen 127.0.0.1:8401 \\
    --state-directory plane-2

A join token comes from 'sworn plane join-token' and is needed once; later starts have the identity
it gave. Applications: http://HOST:PORT/v1 as the OpenAI base URL.
Health: GET /healthz/startup, /healthz/ready, /healthz/live.`;

await runProgram<DataPlaneSettings>(
  {
    command: createCommand(
      NAME,
      'Takes the requests of applications: checks, holds, records and masks them.',
      SETTINGS,
      HELP,
    ),
    load: loadSettings,
    start: startDataPlane,
    explain: () => undefined,
  },
  process.argv.slice(2),
);
