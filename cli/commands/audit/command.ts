import { Command } from 'commander';
import { createCheckpointCommand } from './checkpoint.ts';
import { createEraseCommand } from './erase.ts';
import { createExchangesCommand } from './exchanges.ts';
import { createExportCommand } from './export.ts';
import { createGapsCommand } from './gaps.ts';
import { createKeyCommand } from './key.ts';
import { createRecordsCommand } from './records.ts';
import { createReplayCommand } from './replay.ts';
import { createSessionCommand } from './session.ts';
import { createSessionsCommand } from './sessions.ts';
import { createShowCommand } from './show.ts';
import { createVerifyCommand } from './verify/command.ts';

/** `sworn audit`. */
export function createAuditCommand(): Command {
  return new Command('audit')
    .summary('read, replay, export, check and erase the record')
    .description(
      'The record: who asked what, what was decided, masked and delivered. Reading content is itself recorded.',
    )
    .addCommand(createSessionsCommand())
    .addCommand(createSessionCommand())
    .addCommand(createExchangesCommand())
    .addCommand(createShowCommand())
    .addCommand(createRecordsCommand())
    .addCommand(createReplayCommand())
    .addCommand(createExportCommand())
    .addCommand(createEraseCommand())
    .addCommand(createVerifyCommand())
    .addCommand(createGapsCommand())
    .addCommand(createCheckpointCommand())
    .addCommand(createKeyCommand());
}
