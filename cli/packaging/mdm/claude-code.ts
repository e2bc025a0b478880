import { BRIDGE, EXECUTABLES, jsonFile, type KitFile, type KitSystem } from './kit.js';

const SYSTEMS = ['linux', 'macos', 'windows'] as const satisfies readonly KitSystem[];

/**
 * `managed-mcp.json` takes exclusive control: no other server loads and nobody can add one. `managed-settings.json` is the
 * milder way, which leaves the entry to `mcp-sso setup` and allows it alone (code.claude.com/docs/en/managed-mcp).
 */
export function claudeCodeFiles(): KitFile[] {
  return SYSTEMS.flatMap((system) => {
    const command = EXECUTABLES[system];
    const server = { type: 'stdio', command, args: BRIDGE };
    const allowed = {
      allowManagedMcpServersOnly: true,
      allowedMcpServers: [{ serverCommand: [command, ...BRIDGE] }],
    };
    return [
      { path: `claude-code/${system}/managed-mcp.json`, content: jsonFile({ mcpServers: { 'mcp-sso': server } }) },
      { path: `claude-code/${system}/managed-settings.json`, content: jsonFile(allowed) },
    ];
  });
}
