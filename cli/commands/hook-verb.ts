import { reportHook } from '../agent-hooks/report-hook.js';
import type { CommandContext } from './context.js';

/** Resolves to 0 whatever happens: an app must not stop because its person's calls are recorded with less detail. */
export async function runHook({ env, paths, stderr }: CommandContext): Promise<number> {
  const debug = (what: string): void => {
    if (env['MCP_SSO_LOG_LEVEL'] === 'debug') stderr(`mcp-sso hook: ${what}\n`);
  };
  await reportHook({ stdin: process.stdin, stateFolder: paths.state, debug });
  return 0;
}
