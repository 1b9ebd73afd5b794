import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../control-plane/config/settings.ts';
import { createCommand } from '../../program/command.ts';

const command = () => createCommand('sworn control-plane', 'Keeps things.', SETTINGS, '\nExamples:\n  $ one');

describe('the command', () => {
  const parse = (args: string[]) => command().exitOverride().parse(args, { from: 'user' }).opts();

  test('has every setting as an option, by its key', () => {
    expect(
      parse(['--listen', '[::1]:1', '--admin-groups', 'a,b', '--admin-groups', 'c', '--allow-plaintext']),
    ).toEqual({
      listen: '[::1]:1',
      adminGroups: 'a,b,c',
      allowPlaintext: true,
    });
    expect(parse(['--allow-plaintext', 'false'])).toEqual({ allowPlaintext: 'false' });
  });

  test('explains itself with examples', () => {
    let help = '';
    command()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    expect(help).toContain('Examples:');
    expect(help).toContain('SWORN_MONGODB_URI');
  });
});
