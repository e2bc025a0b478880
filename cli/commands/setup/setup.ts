import { Option } from 'commander';
import { CodedError, ERRORS } from '#shared/errors.js';
import type { AiApp } from '../../apps/ai-app.js';
import { thisMachine } from '../../apps/machine.js';
import { AI_APPS, configsOf, installedConfigs, type AppConfig } from '../../apps/registry.js';
import { selfCommand } from '../../system/executable.js';
import { homeFolder } from '../../system/paths.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { setUpAllUsers } from './all-users.js';
import { configureApps, type ConfigResult } from './configure-apps.js';
import { describeResults, resultFields } from './describe-results.js';
import { logQuietly } from './setup-log.js';

interface SetupOptions extends CommonOptions {
  readonly all?: boolean;
  readonly allUsers?: boolean;
  readonly quiet?: boolean;
  readonly dryRun?: boolean;
  readonly undo?: boolean;
  readonly remove?: boolean;
}

const APPS = AI_APPS.map(({ id }) => id).join(', ');

export function addSetup({ program, run }: Mount): void {
  program.addCommand(
    newCommand('setup', 'Let AI apps use mcp-sso', 'mcp-sso setup claude-desktop cursor')
      .argument('[apps...]', `the apps; all that are found here unless named: ${APPS}`)
      .option('--all', 'all apps that are found here, which is also what happens without a name')
      .option('--all-users', 'as root: every account of this machine, and a hook at login for those that come later')
      .option('--dry-run', 'show the changes, make none')
      .option('--undo', 'make the files as they were before')
      .option('--quiet', 'say nothing; what changed is in setup.log beside the saved sign-ins')
      .addOption(new Option('--remove').hideHelp())
      .action((apps: string[], options: SetupOptions) =>
        run(options, (context) => {
          requireOneChoice(apps, options);
          const { dryRun = false, undo = false, remove = false } = options;
          return options.allUsers
            ? setUpAllUsers(context, { remove: undo || remove, dryRun })
            : setup(context, apps, options);
        }),
      ),
  );
}

async function setup(context: CommandContext, names: readonly string[], options: SetupOptions): Promise<number> {
  const { dryRun = false, undo = false, remove = false, quiet = false } = options;
  const configs = chooseConfigs(context, names);
  const [command, ...args] = selfCommand();
  const entry = undo || remove ? undefined : { command, args: [...args, 'bridge'] };
  const results = await configureApps(context, configs, { entry, dryRun });
  if (quiet) {
    if (!dryRun) await logQuietly(context, results);
    return exitOf(results);
  }
  if (context.json) context.stdout(jsonLine({ dryRun, files: results.map(resultFields) }));
  else context.stdout(describeResults(results, { entry, dryRun }) + (configs.length > 0 ? '' : NOTHING_FOUND));
  const refusals = results.flatMap(({ refused }) => refused ?? []);
  if (!context.json) context.stderr(refusals.map(({ message }) => `mcp-sso: ${message}\n`).join(''));
  if (entry && process.platform === 'win32' && command.includes(' ')) context.stderr(SPACE_IN_PATH);
  return exitOf(results);
}

function exitOf(results: readonly ConfigResult[]): number {
  const refused = results.find((result) => result.refused)?.refused;
  return refused ? ERRORS[refused.code].exit : 0;
}

function wrong(message: string): CodedError {
  return new CodedError('usage', { message });
}

/** What would say two things at once is asked again. */
function requireOneChoice(names: readonly string[], { all, allUsers, quiet, json }: SetupOptions): void {
  if (names.length > 0 && all) throw wrong('Name apps, or say --all, not both.');
  if (names.length > 0 && allUsers) {
    throw wrong('--all-users sets up all AI apps that each account has. Leave out the names of apps.');
  }
  if (quiet && (json || allUsers)) throw wrong('--quiet says nothing. Leave it out to see what happened.');
}

const NOTHING_FOUND = `No AI app was found here. To write the entry of an app all the same, name it: ${APPS}.\n`;

const SPACE_IN_PATH =
  'Some AI apps cannot start programs whose path has a space. Move mcp-sso to a folder without one.\n';

function chooseConfigs({ env }: CommandContext, names: readonly string[]): AppConfig[] {
  const machine = thisMachine(process.platform, env, homeFolder());
  if (names.length === 0) return installedConfigs(machine);
  return appsNamed(names).flatMap((app) => configsOf(machine, app));
}

function appsNamed(names: readonly string[]): AiApp[] {
  const unknown = names.filter((name) => !AI_APPS.some(({ id }) => id === name));
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => `“${name}”`).join(', ');
    throw new CodedError('usage', {
      message: `${quoted} ${unknown.length === 1 ? 'is' : 'are'} not known here. Known apps: ${APPS}.`,
    });
  }
  return AI_APPS.filter(({ id }) => names.includes(id));
}
