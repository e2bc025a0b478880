import { BRIDGE, EXECUTABLES, jsonFile, type KitFile } from './kit.js';

/** GitHub Copilot’s enterprise `managed-settings.json`, which VS Code obeys: our bridge and no other server. */
export function vsCodeFiles(): KitFile[] {
  const commands = [...new Set(Object.values(EXECUTABLES))];
  const allowed = { allowedMcpServers: commands.map((command) => ({ serverCommand: [command, ...BRIDGE] })) };
  return [{ path: 'vscode-copilot/managed-settings.json', content: jsonFile(allowed) }];
}
