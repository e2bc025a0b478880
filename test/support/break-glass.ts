import { run, type CommandResult } from '../../demo/stack/command.js';
import type { Stack } from '../../demo/stack/stack.js';
import type { Laptop } from '../../demo/walk/laptop.js';

/** Makes a code on the server's host; resolves to what the command says. */
export function makeBreakGlassCode(stack: Stack): Promise<string> {
  return stack.administer(['break-glass', '--reason', 'the IdP is down', '--config', stack.config]);
}

/** The code itself. */
export function codeIn(said: string): string {
  return /^Code: (\S+)$/m.exec(said)?.[1] ?? '';
}

/** `mcp-sso login --break-glass`, with the code typed in. */
export async function loginByBreakGlass(
  stack: Stack,
  laptop: Laptop,
  code: string,
  ...area: string[]
): Promise<CommandResult> {
  const to = ['--url', stack.addresses.publicUrl, '--credential-store', 'file'];
  const { command, args } = laptop.commandLine(['login', '--break-glass', ...area, ...to]);
  return run(command, args, { cwd: laptop.elsewhere, env: {}, input: `${code}\n` });
}
