import { version } from '../system/executable.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';

export function addVersion({ program, run }: Mount): void {
  program.addCommand(
    newCommand('version', 'Print the version', 'mcp-sso version').action((options: CommonOptions) =>
      run(options, printVersion),
    ),
  );
}

function printVersion({ stdout, json }: CommandContext): Promise<number> {
  stdout(json ? jsonLine({ version: version(), executable: process.execPath }) : `${version()}\n`);
  return Promise.resolve(0);
}
