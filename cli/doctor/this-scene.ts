import { thisMachine } from '../apps/machine.js';
import type { CommandContext } from '../commands/context.js';
import { askProbe } from '../credential-store/keychain-probe.js';
import { PROBE_VERB } from '../credential-store/probe-verb.js';
import { selfCommand, version } from '../system/executable.js';
import { homeFolder } from '../system/paths.js';
import type { Scene } from './check.js';

/** Milliseconds, on a computer that may be slow for the very reason that doctor was asked. */
const KEYCHAIN_PATIENCE = 3_000;

/** This computer, account and program. */
export function thisScene(context: CommandContext): Scene {
  const command = selfCommand();
  return {
    context,
    machine: thisMachine(process.platform, context.env, homeFolder()),
    program: { command, file: command.at(-1) ?? command[0], version: version() },
    probeKeychain: () => askProbe([...command, PROBE_VERB], KEYCHAIN_PATIENCE),
  };
}
