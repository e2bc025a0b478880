import { configurationProfile } from './configuration-profile.js';
import { BRIDGE, EXECUTABLES, type Kit, type KitFile, type KitSystem } from './kit.js';
import { registryFile } from './registry-file.js';

const CAVEAT = [
  'ONLY for Claude Desktop with third-party inference: this key is documented for that mode alone.',
  'With accounts of claude.ai do not install this: any key here can switch the mode of the app.',
  'There, mcp-sso setup writes the entry for each person.',
] as const;

/** Managed servers of Claude Desktop: an array as a JSON string, which the documentation knows in third-party mode only. */
export function claudeDesktopFiles(kit: Kit): KitFile[] {
  const folder = 'claude-desktop/third-party-inference-only';
  const payload = {
    domain: 'com.anthropic.claudefordesktop',
    title: 'Claude Desktop: mcp-sso',
    settings: { managedMcpServers: servers('macos') },
  };
  const policy = {
    key: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude',
    values: { managedMcpServers: servers('windows') },
  };
  return [
    {
      path: `${folder}/com.anthropic.claudefordesktop.mobileconfig`,
      content: configurationProfile(kit, payload, CAVEAT.join(' ')),
    },
    { path: `${folder}/claude-desktop.reg`, content: registryFile(policy, CAVEAT) },
  ];
}

function servers(system: KitSystem): string {
  return JSON.stringify([{ name: 'mcp-sso', transport: 'stdio', command: EXECUTABLES[system], args: BRIDGE }]);
}
