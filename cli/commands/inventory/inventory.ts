import { resolve } from 'node:path';
import { asCoded, CodedError, ERRORS } from '#shared/errors.js';
import { inventoryText } from '../../inventory/report/inventory-text.js';
import { inventorySarif } from '../../inventory/report/sarif.js';
import { openEndpoints, takeInventory } from '../../inventory/take-inventory.js';
import { homeFolder } from '../../system/paths.js';
import { resolveSettings } from '../../system/settings.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { networkTargets, type NetworkOptions } from './network-targets.js';

interface InventoryOptions extends CommonOptions, NetworkOptions {
  readonly home?: readonly string[];
  readonly project?: readonly string[];
  readonly listening?: boolean;
  readonly sarif?: boolean;
}

const EXAMPLE = `mcp-sso inventory --listening
  mcp-sso inventory --net 10.20.0.0/24 --ports 443,3000,8080 --sarif > inventory.sarif`;

/** Milliseconds. A home on a slow disk, and the largest network that can be asked for, come to an end. */
const PATIENCE = { configs: 60_000, network: 30 * 60_000 } as const;

export function addInventory({ program, run }: Mount): void {
  program.addCommand(
    newCommand('inventory', 'Find the MCP servers of this machine and network; starts none', EXAMPLE)
      .option(
        '--home <folder>',
        'a home folder to look at, instead of your own (root: everybody’s); repeatable',
        collect,
      )
      .option('--project <folder>', 'a folder of projects to look at besides; repeatable', collect)
      .option('--listening', 'ask every port that listens on this machine')
      .option('--net <range>', 'ask a network that is yours, as 10.20.0.0/24; repeatable', collect)
      .option('--hosts <file>', 'ask the hosts of a file: a host, host:port or URL a line; repeatable', collect)
      .option('--ports <list>', 'ports to ask where none is named (default: the usual ones)')
      .option('--yes', 'ask more than 4096 addresses')
      .option('--sarif', 'print SARIF 2.1.0')
      .action((options: InventoryOptions) => run(options, (context) => inventory(context, options))),
  );
}

async function inventory(context: CommandContext, options: InventoryOptions): Promise<number> {
  const { home = [], project = [], listening = false, sarif = false } = options;
  if (sarif && context.json) throw new CodedError('usage', { message: 'Choose one of --json and --sarif.' });
  const targets = await networkTargets(options);
  const settings = await controlPlanes(context);
  const configs = {
    homes: home.map((folder) => resolve(folder)),
    projects: project.map((folder) => resolve(folder)),
    ownHome: homeFolder(),
    env: context.env,
    controlPlanes: settings.origins,
    patience: PATIENCE.configs,
  };
  const request = { configs, listening, targets, networkPatience: PATIENCE.network, now: context.now() };
  const taken = await takeInventory(request);
  const found = { ...taken, gaps: [...settings.gaps, ...taken.gaps] };
  if (context.json) context.stdout(jsonLine(found));
  else context.stdout(sarif ? jsonLine(inventorySarif(found)) : inventoryText(found));
  return openEndpoints(found).length > 0 ? ERRORS.findings.exit : 0;
}

/** Origins of control planes that this machine uses. Broken settings hide what is behind them, and nothing else. */
async function controlPlanes(context: CommandContext): Promise<{ origins: string[]; gaps: string[] }> {
  try {
    const { url, trusted } = await resolveSettings(context);
    return { origins: [...new Set([...(url ? [url.value] : []), ...trusted])], gaps: [] };
  } catch (error) {
    if (context.url !== undefined) throw error;
    return { origins: [], gaps: [asCoded(error).message] };
  }
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
