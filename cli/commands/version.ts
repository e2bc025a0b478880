import { getAsset, isSea } from 'node:sea';
import { CodedError } from '#shared/errors.js';
import { version } from '../system/executable.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';

interface VersionOptions extends CommonOptions {
  readonly licenses?: boolean;
}

export function addVersion({ program, run }: Mount): void {
  program.addCommand(
    newCommand('version', 'Print the version', 'mcp-sso version')
      .option('--licenses', 'print the licences of all that is in this executable')
      .action((options: VersionOptions) => run(options, options.licenses ? printLicences : printVersion)),
  );
}

function printVersion({ stdout, json }: CommandContext): Promise<number> {
  stdout(json ? jsonLine({ version: version(), executable: process.execPath }) : `${version()}\n`);
  return Promise.resolve(0);
}

function printLicences({ stdout, json }: CommandContext): Promise<number> {
  if (!isSea()) {
    throw new CodedError('usage', {
      message:
        'Only the executable carries the licences; the packages of this installation have theirs in node_modules.',
    });
  }
  const licences = getAsset('THIRD-PARTY-NOTICES', 'utf8');
  stdout(json ? jsonLine({ licences }) : licences);
  return Promise.resolve(0);
}
