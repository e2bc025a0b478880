import { Command, CommanderError } from 'commander';
import { CodedError } from '#shared/errors.js';
import { version } from '../system/executable.js';
import { addAdmin } from './admin/admin.js';
import { addApprovals } from './approvals/approvals.js';
import { addAudit } from './audit/audit.js';
import { addBridge } from './bridge.js';
import { example, type Action, type CommonOptions, type Mount } from './command.js';
import { addCompletion } from './completion/completion.js';
import { addConnections } from './connections/connections.js';
import type { CommandContext } from './context.js';
import { addDoctor } from './doctor/doctor.js';
import { addGrants } from './grants/grants.js';
import { addHook } from './hook.js';
import { addInventory } from './inventory/inventory.js';
import { addLogin } from './login.js';
import { addLogout } from './logout.js';
import { addMe } from './me/me.js';
import { addPolicy } from './policy/policy.js';
import { addReviews } from './reviews/reviews.js';
import { addServers } from './servers.js';
import { addSetup } from './setup/setup.js';
import { addStatus } from './status.js';
import { addTools } from './tools.js';
import { addVersion } from './version.js';

const COMMANDS: readonly ((mount: Mount) => void)[] = [
  addLogin,
  addLogout,
  addStatus,
  addServers,
  addTools,
  addSetup,
  addDoctor,
  addInventory,
  addConnections,
  addApprovals,
  addAudit,
  addPolicy,
  addReviews,
  addGrants,
  addMe,
  addAdmin,
  addBridge,
  addHook,
  addCompletion,
  addVersion,
];

/** Parses a command line and runs its command. Resolves to the exit code; throws CodedError. */
export async function runProgram(
  argv: readonly string[],
  contextFor: (options: CommonOptions) => CommandContext,
): Promise<number> {
  const world = contextFor({});
  let code = 0;
  const run = async (options: CommonOptions, action: Action): Promise<void> => {
    code = await action(contextFor(options));
  };
  const program = new Command('mcp-sso')
    .description('Company sign-in in front of every MCP server')
    .version(version(), '-V, --version', 'print the version')
    .configureOutput({ writeOut: world.stdout, writeErr: world.stderr, outputError: () => undefined })
    .addHelpText('after', example('mcp-sso login --url https://mcp.example.com'));
  for (const add of COMMANDS) add({ program, run });
  settle(program);
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usage(error);
  }
  return code;
}

/** Commander must throw where it would end the process, and say things where we say them; mounted commands inherit neither. */
function settle(program: Command): void {
  program.exitOverride();
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    settle(command);
  }
}

function usage(error: CommanderError): CodedError {
  if (error.code === 'commander.help') return new CodedError('usage', { message: 'Name one of the commands above.' });
  if (error.code === 'commander.excessArguments') {
    const [, excess = ''] = /but got \d+: (.+?)\.?$/m.exec(error.message) ?? [];
    return new CodedError('usage', {
      message: `There is no command or argument for '${excess}' here. Add --help to see an example.`,
    });
  }
  const what = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const sentence = what.charAt(0).toUpperCase() + what.slice(1);
  return new CodedError('usage', { message: `${sentence.replace(/\.?$/, '.')} Add --help to see an example.` });
}
