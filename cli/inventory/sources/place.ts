import type { ConfiguredServer } from '#shared/api/inventory.js';

/** How the servers of a file are laid out. `members`: an object of servers by name, below `path`. */
export type Layout =
  | { readonly kind: 'members'; readonly path: readonly string[] }
  | { readonly kind: 'claude-code' | 'continue' | 'mcpb-manifest' | 'extension-manifest' };

export type ConfigFormat = 'json' | 'jsonc' | 'toml' | 'yaml';

/** A file that may name MCP servers. Data only. */
export interface ConfigPlace {
  /** `claude-desktop`. */
  readonly app: string;
  readonly title: string;
  readonly file: string;
  readonly format: ConfigFormat;
  /** Where servers may stand in it; most files have one such place. */
  readonly layouts: readonly Layout[];
  readonly scope: ConfiguredServer['scope'];
}

/** An object of servers by name, below these keys. */
export function members(...path: readonly string[]): Layout {
  return { kind: 'members', path };
}
