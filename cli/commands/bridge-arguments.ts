import { parseArgs } from 'node:util';
import type { CommonOptions } from './command.js';

export interface BridgeArguments {
  readonly options: { readonly server?: string };
  readonly common: CommonOptions;
}

const OPTIONS = {
  server: { type: 'string' },
  url: { type: 'string' },
  'credential-store': { type: 'string' },
  'no-browser': { type: 'boolean' },
} as const;

/**
 * The bridge's options, where this command line starts the bridge: `bridge …`, or no command while stdin is not a
 * terminal. Undefined for anything else, help and mistakes included: commander answers those.
 */
export function bridgeArguments(argv: readonly string[], terminal: boolean): BridgeArguments | undefined {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const [command, ...more] = positionals;
    if (more.length > 0 || (command === undefined ? terminal : command !== 'bridge')) return undefined;
    const { server, url, 'credential-store': credentialStore, 'no-browser': noBrowser = false } = values;
    return {
      options: server === undefined ? {} : { server },
      common: {
        browser: !noBrowser,
        ...(url === undefined ? {} : { url }),
        ...(credentialStore === undefined ? {} : { credentialStore }),
      },
    };
  } catch {
    return undefined;
  }
}
