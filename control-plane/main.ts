// `sworn control-plane`
import { createCommand } from '../program/command.ts';
import { runProgram } from '../program/run.ts';
import { loadSettings } from './config/load.ts';
import { type ControlPlaneSettings, SETTINGS } from './config/settings.ts';
import { explain } from './explain.ts';
import { startControlPlane } from './start.ts';

const NAME = 'sworn control-plane';
const DESCRIPTION =
  'Keeps policies, identities, approvals and the record; planes get their configuration from it.';
const HELP = `
Examples:
  ${NAME} --mongodb-uri 'mongodb://db1,db2,db3/?replicaSet=rs0' \\
    --issuer https://login.example.com
  ${NAME} --config /etc/sworn/control-plane.yaml
  SWORN_MONGODB_URI=file:///run/secrets/mongodb ${NAME} --listen 0.0.0.0:8480 \\
    --tls-cert tls.crt --tls-key tls.key

Health: GET /healthz/startup, /healthz/ready, /healthz/live; and grpc.health.v1.
For a try on one machine, with a MongoDB of its own: sworn dev`;
await runProgram<ControlPlaneSettings>(
  {
    command: createCommand(NAME, DESCRIPTION, SETTINGS, HELP),
    load: loadSettings,
    start: startControlPlane,
    explain,
  },
  process.argv.slice(2),
);
