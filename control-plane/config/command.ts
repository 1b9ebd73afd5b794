import { Command, Option } from 'commander';
import { describeOptions } from '#core/settings/options.ts';
import { SETTINGS } from './settings.ts';

const EXAMPLES = `
Each setting is also a variable (--listen is SWORN_LISTEN) and a key of the YAML file (listen, maxBody, …);
flags win over variables, variables over the file. A secret may be file:///path or env://NAME.

Examples:
  sworn control-plane --mongodb-uri 'mongodb://db1,db2,db3/?replicaSet=rs0' --issuer https://login.example.com
  sworn control-plane --config /etc/sworn/control-plane.yaml
  SWORN_MONGODB_URI=file:///run/secrets/mongodb sworn control-plane --listen 0.0.0.0:8480 \\
    --tls-cert tls.crt --tls-key tls.key

Health: GET /healthz/startup, /healthz/ready, /healthz/live; and grpc.health.v1.
For a try on one machine, with a MongoDB of its own: sworn dev`;

/** `sworn control-plane`: its options are the settings. */
export function createCommand(): Command {
  const command = new Command('sworn control-plane')
    .description(
      'Keeps policies, identities, approvals and the record; planes get their configuration from it.',
    )
    .option('--config <file>', 'YAML file with settings (SWORN_CONFIG)')
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES);
  for (const { flags, description, isList } of describeOptions(SETTINGS)) {
    const option = new Option(flags, description);
    if (isList)
      option.argParser((value: string, before: string | undefined) =>
        before ? `${before},${value}` : value,
      );
    command.addOption(option);
  }
  return command;
}
