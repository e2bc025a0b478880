import { BRIDGE, EXECUTABLES, type KitFile } from './kit.js';

/** Lines for “MCP Configuration” of Cursor’s team dashboard: command and arguments joined. No `*`, which would let any folder in. */
export function cursorFiles(): KitFile[] {
  const lines = new Set(Object.values(EXECUTABLES).map((command) => [command, ...BRIDGE].join(' ')));
  return [{ path: 'cursor/allow-list.txt', content: `${[...lines].join('\n')}\n` }];
}
