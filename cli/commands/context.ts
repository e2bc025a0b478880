import type { Look } from '../ui/look.js';

/** Per-user folders of the CLI, absolute. They need not exist yet. */
export interface Paths {
  readonly config: string;
  readonly state: string;
  readonly cache: string;
}

/** All that a command knows of the world outside; built once, in main.ts. */
export interface CommandContext {
  /** Results. In the bridge: MCP frames and nothing else. */
  readonly stdout: (text: string) => void;
  /** Everything said to a person, progress and prompts. */
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The caller wants one JSON document on stdout. */
  readonly json: boolean;
  /** A person can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  /** The terminal that stdout is; absent where plain text has to do. */
  readonly terminal?: Look;
  /** False where --no-browser was given: print addresses, open nothing. */
  readonly openBrowser: boolean;
  readonly now: () => Date;
  /** `--url`: address of the control plane, as typed. */
  readonly url?: string;
  /** `--credential-store`, as typed. */
  readonly credentialStore?: string;
  readonly paths: Paths;
}
