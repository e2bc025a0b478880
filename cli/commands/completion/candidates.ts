import type { Command, Option } from 'commander';

/**
 * What the last of the words can become: commands, options of the command that the words before it name, or the choices
 * of an option or argument. Empty where only the person can know. Asks nobody: all of it comes from the program.
 */
export function candidates(program: Command, words: readonly string[]): string[] {
  const partial = words.at(-1) ?? '';
  let command = program;
  let positionals = 0;
  let open: Option | undefined;
  for (const word of words.slice(0, -1)) {
    if (open?.required) open = undefined;
    else if (word.startsWith('-')) open = optionsOf(command).find(({ short, long }) => word === short || word === long);
    else {
      open = undefined;
      const next = visibleCommands(command).find((one) => one.name() === word);
      positionals = next ? 0 : positionals + 1;
      command = next ?? command;
    }
  }
  return all(command, positionals, open, partial).filter((candidate) => candidate.startsWith(partial));
}

function all(command: Command, positionals: number, open: Option | undefined, partial: string): readonly string[] {
  if (open?.required) return open.argChoices ?? [];
  if (partial.startsWith('-')) return optionsOf(command).flatMap(({ long }) => long ?? []);
  const { registeredArguments } = command;
  const argument = registeredArguments[positionals] ?? registeredArguments.findLast(({ variadic }) => variadic);
  const names = positionals === 0 ? visibleCommands(command).map((one) => one.name()) : [];
  return [...names, ...(argument?.argChoices ?? []), ...(open?.optional ? (open.argChoices ?? []) : [])];
}

function visibleCommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}
