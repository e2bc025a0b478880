import { Argument, Command } from 'commander';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import { candidates } from './candidates.js';
import { SCRIPTS, SHELLS, WORDS_COMMAND, type Shell } from './scripts.js';

export function addCompletion({ program, run }: Mount): void {
  program.addCommand(
    newCommand('completion', 'Print the script that makes a shell complete mcp-sso', 'mcp-sso completion bash')
      .addArgument(new Argument('<shell>', 'the shell that reads it').choices(SHELLS))
      .action((shell: Shell, options: CommonOptions) =>
        run(options, ({ stdout, json }) => {
          stdout(json ? jsonLine({ shell, script: SCRIPTS[shell] }) : SCRIPTS[shell]);
          return Promise.resolve(0);
        }),
      ),
  );
  const words = new Command(WORDS_COMMAND).argument('[words...]').action((typed: string[]) =>
    run({}, ({ stdout }) => {
      stdout(
        candidates(program, typed)
          .map((candidate) => `${candidate}\n`)
          .join(''),
      );
      return Promise.resolve(0);
    }),
  );
  program.addCommand(words, { hidden: true });
}
