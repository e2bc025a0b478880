import { Option } from 'commander';
import { CodedError, ERRORS } from '#shared/errors.js';
import type { AiApp } from '../../apps/ai-app.js';
import { thisMachine } from '../../apps/machine.js';
import { AI_APPS, configsOf, installedConfigs, type AppConfig } from '../../apps/registry.js';
import { selfCommand } from '../../system/executable.js';
import { homeFolder } from '../../system/paths.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { configureApps } from './configure-apps.js';
import { describeResults, resultFields } from './describe-results.js';

interface SetupOptions extends CommonOptions {
  readonly dryRun?: boolean;
  readonly undo?: boolean;
  readonly remove?: boolean;
}

const APPS = AI_APPS.map(({ id }) => id).join(', ');

export function addSetup({ program, run }: Mount): void {
  program.addCommand(
    newCommand('setup', 'Let AI apps use mcp-sso', 'mcp-sso setup claude-desktop cursor')
      .argument('[apps...]', `the apps; all that are found here unless named: ${APPS}`)
      .option('--dry-run', 'show the changes, make none')
      .option('--undo', 'make the files as they were before')
      .addOption(new Option('--remove').hideHelp())
      .action((apps: string[], options: SetupOptions) => run(options, (context) => setup(context, apps, options))),
  );
}

async function setup(context: CommandContext, names: readonly string[], options: SetupOptions): Promise<number> {
  const { dryRun = false, undo = false, remove = false } = options;
  const configs = chooseConfigs(context, names);
  const [command, ...args] = selfCommand();
  const entry = undo || remove ? undefined : { command, args: [...args, 'bridge'] };
  const results = await configureApps(context, configs, { entry, dryRun });
  if (context.json) context.stdout(jsonLine({ dryRun, files: results.map(resultFields) }));
  else context.stdout(describeResults(results, { entry, dryRun }) + (configs.length > 0 ? '' : NOTHING_FOUND));
  const refusals = results.flatMap(({ refused }) => refused ?? []);
  if (!context.json) context.stderr(refusals.map(({ message }) => `mcp-sso: ${message}\n`).join(''));
  if (entry && process.platform === 'win32' && command.includes(' ')) context.stderr(SPACE_IN_PATH);
  return refusals[0] ? ERRORS[refusals[0].code].exit : 0;
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
