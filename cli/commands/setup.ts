import { CodedError } from '#shared/errors.js';
import { applyChange, configFiles, planChange, type ConfigChange } from '../apps/claude-desktop.js';
import { selfCommand } from '../system/executable.js';
import { homeFolder } from '../system/paths.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';

interface SetupOptions extends CommonOptions {
  readonly dryRun?: boolean;
  readonly remove?: boolean;
}

const APPS = ['claude-desktop'];

export function addSetup({ program, run }: Mount): void {
  program.addCommand(
    newCommand('setup', 'Let an AI app use mcp-sso', 'mcp-sso setup claude-desktop')
      .argument('<app>', `the app: ${APPS.join(', ')}`)
      .option('--dry-run', 'show the change, make none')
      .option('--remove', 'take the entry out again')
      .action((app: string, options: SetupOptions) => run(options, (context) => setup(context, app, options))),
  );
}

async function setup(context: CommandContext, app: string, { dryRun, remove }: SetupOptions): Promise<number> {
  if (!APPS.includes(app)) {
    throw new CodedError('usage', { message: `“${app}” is not known here. Known apps: ${APPS.join(', ')}.` });
  }
  const [command, ...args] = selfCommand();
  const entry = remove ? undefined : { command, args: [...args, 'bridge'] };
  const files = await configFiles(process.platform, context.env, homeFolder());
  // All are checked before any is written.
  const plans = await Promise.all(files.map((file) => planChange(file, entry)));
  const now = context.now();
  const changes = dryRun ? plans : await Promise.all(plans.map((plan) => applyChange(plan, now)));
  if (context.json) context.stdout(jsonLine({ dryRun: dryRun ?? false, files: changes.map(summary) }));
  else context.stdout(changes.map((change) => describe(change, dryRun ?? false)).join('') + advice(changes, dryRun));
  if (process.platform === 'win32' && command.includes(' ')) {
    context.stderr(
      'Some AI apps cannot start programs whose path has a space. Move mcp-sso to a folder without one.\n',
    );
  }
  return 0;
}

function summary({ file, changed, backup }: ConfigChange): object {
  return { file, changed, backup: backup ?? null };
}

function describe(change: ConfigChange, dryRun: boolean): string {
  if (!change.changed) return `${change.file}: nothing to change.\n`;
  const lines = difference(change.before, change.after);
  const kept = change.backup ? `The file as it was: ${change.backup}\n` : '';
  return `${change.file}${dryRun ? ' would change' : ' changed'}:\n${lines}${kept}`;
}

/** Lines that go (-) and come (+): what the two texts do not share at their beginning and end. */
function difference(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const part = (lines: string[], sign: string): string[] =>
    lines
      .slice(start, lines.length - end)
      .filter(Boolean)
      .map((line) => `${sign} ${line}\n`);
  return [...part(old, '-'), ...part(now, '+')].join('');
}

function advice(changes: readonly ConfigChange[], dryRun = false): string {
  return !dryRun && changes.some(({ changed }) => changed) ? 'Restart Claude Desktop to load it.\n' : '';
}
