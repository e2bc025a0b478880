import { BRIDGE, jsonFile, type Kit, type KitFile, type KitSystem } from './kit.js';

const PLATFORMS = { linux: 'linux', macos: 'darwin', windows: 'win32' } as const satisfies Record<KitSystem, string>;

/** Manifests (0.3) of MCPB bundles, one for each system because the executable is in the bundle. */
export function mcpbFiles(kit: Kit): KitFile[] {
  return (['linux', 'macos', 'windows'] as const).map((system) => {
    const file = system === 'windows' ? 'server/mcp-sso.exe' : 'server/mcp-sso';
    const manifest = {
      manifest_version: '0.3',
      name: 'mcp-sso',
      version: kit.version,
      description: 'The MCP servers of your company, with its sign-in. The control plane comes from managed settings.',
      author: { name: kit.organization },
      server: {
        type: 'binary',
        entry_point: file,
        mcp_config: { command: `\${__dirname}/${file}`, args: BRIDGE },
      },
      compatibility: { platforms: [PLATFORMS[system]] },
    };
    return { path: `mcpb/${system}/manifest.json`, content: jsonFile(manifest) };
  });
}
