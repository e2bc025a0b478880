import { Command } from 'commander';
import { jsonText } from '#shared/json-text.js';
import type { CommandContext } from './context.js';

/** Options that every command has. */
export interface CommonOptions {
  readonly url?: string;
  readonly json?: boolean;
  /** False where --no-browser was given. */
  readonly browser?: boolean;
  readonly credentialStore?: string;
}

/** What a command does, given the world outside. Resolves to the exit code; throws CodedError. */
export type Action = (context: CommandContext) => Promise<number>;

/** Where each command file adds its command. */
export interface Mount {
  readonly program: Command;
  /** Runs an action in the context that the common options make. */
  readonly run: (options: CommonOptions, action: Action) => Promise<void>;
}

/** A command with the options that every command has, and an example in its help. */
export function newCommand(name: string, description: string, commandLine: string): Command {
  return new Command(name)
    .description(description)
    .option('--url <url>', 'address of the control plane')
    .option('--json', 'print one JSON document')
    .option('--no-browser', 'print the address of a sign-in instead of opening a browser')
    .option('--credential-store <kind>', 'where the key to saved sign-ins is kept: keychain, file or memory')
    .addHelpText('after', example(commandLine));
}

/** The end of a help text. */
export function example(commandLine: string): string {
  return `\nExample:\n  ${commandLine}`;
}

export function jsonLine(value: unknown): string {
  return `${jsonText(value)}\n`;
}
