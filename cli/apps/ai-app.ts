import type { Machine } from './machine.js';

/** A config file of an app, and what is there once the app has been used. */
export interface ConfigLocation {
  readonly file: string;
  readonly evidence: string;
}

/** What we know of one AI app that starts MCP servers. Data only: nothing here runs an app. */
export interface AiApp {
  /** As typed: `claude-desktop`. */
  readonly id: string;
  readonly title: string;
  /** `jsonc`: JSON with comments and trailing commas, as VS Code reads it. */
  readonly format: 'json' | 'jsonc' | 'toml';
  /** The object or table of its config that holds the servers by name. */
  readonly key: string;
  /** Whether its entries say `type: "stdio"`. */
  readonly typed: boolean;
  /** Files that it may read, each of them another edition or profile; the first is the usual one. Most machines have one. */
  readonly locations: (machine: Machine) => readonly [ConfigLocation, ...ConfigLocation[]];
}
