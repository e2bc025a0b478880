import { BRIDGE, EXECUTABLES, jsonFile, type KitFile, type KitSystem } from './kit.js';

/**
 * For the whitelist of Windsurf’s team settings: the server id is `mcp-sso`; command and each argument are regular
 * expressions that have to match from start to end, so everything that means something in one is escaped.
 */
export function windsurfFiles(): KitFile[] {
  return [whitelist('linux', 'linux-and-macos'), whitelist('windows', 'windows')];
}

function whitelist(system: KitSystem, name: string): KitFile {
  const entry = { command: literal(EXECUTABLES[system]), args: BRIDGE.map(literal) };
  return { path: `windsurf/whitelist-${name}.json`, content: jsonFile(entry) };
}

function literal(text: string): string {
  return `^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}$`;
}
