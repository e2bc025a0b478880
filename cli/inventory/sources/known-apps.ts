import { AI_APPS } from '../../apps/registry.js';
import { appDataFolder, folderBy, joinOn, type Machine } from '../../apps/machine.js';
import { members, type ConfigPlace, type Layout } from './place.js';

/** Files of the apps that `mcp-sso setup` writes, and what else those apps read. */
export function knownAppPlaces(machine: Machine): ConfigPlace[] {
  const places = AI_APPS.flatMap(({ id, title, format, key, locations }) =>
    locations(machine).map(({ file }) => ({
      app: id,
      title,
      file,
      format,
      scope: 'user' as const,
      layouts: id === 'claude-code' ? [CLAUDE_CODE] : [members(key)],
    })),
  );
  return [...places, ...vsCodeSettings(machine), ...claudeCodeSettings(machine)];
}

const CLAUDE_CODE: Layout = { kind: 'claude-code' };

/** Older VS Code kept servers in its settings. */
function vsCodeSettings(machine: Machine): ConfigPlace[] {
  return ['Code', 'Code - Insiders'].map((edition) => ({
    app: 'vscode',
    title: 'VS Code',
    file: joinOn(machine, appDataFolder(machine), edition, 'User', 'settings.json'),
    format: 'jsonc',
    layouts: [members('mcp', 'servers'), members('amp.mcpServers')],
    scope: 'user',
  }));
}

function claudeCodeSettings(machine: Machine): ConfigPlace[] {
  const folder = folderBy(machine, 'CLAUDE_CONFIG_DIR', '.claude');
  return ['settings.json', 'settings.local.json'].map((name) => ({
    app: 'claude-code',
    title: 'Claude Code',
    file: joinOn(machine, folder, name),
    format: 'json',
    layouts: [members('mcpServers'), members('managedMcpServers')],
    scope: 'user',
  }));
}
