import { newCommand, type CommonOptions, type Mount } from './command.js';
import { runHook } from './hook-verb.js';

/** For the help, and for command lines that the fast path of main.ts leaves to commander. */
export function addHook({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'hook',
      'Take what Claude Code tells its hooks; its plugin runs this',
      'mcp-sso hook < event.json',
    ).action((options: CommonOptions) => run(options, runHook)),
  );
}
