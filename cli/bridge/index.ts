import { CodedError } from '#shared/errors.js';
import { SERVER_ID } from '#shared/mcp/names.js';
import type { CommandContext } from '../commands/context.js';
import { version } from '../system/executable.js';
import { openLog } from './log.js';
import { serve } from './serve.js';

/** What a sign-in in the background may still hold open is not waited for. */
const EXIT_DEADLINE = 100;

export interface BridgeOptions {
  /** Id of the one server to show, under its own tool names. */
  readonly server?: string;
  readonly credentialStore?: string;
}

/**
 * The stdio MCP server that AI apps start (design §4.5). Resolves with the exit code once the app is gone; the
 * process ends right after, whatever else is still open. Throws CodedError usage.
 */
export async function runBridge(options: BridgeOptions, context: CommandContext): Promise<number> {
  const { server, credentialStore } = options;
  if (server !== undefined && !SERVER_ID.test(server)) {
    const message = `“${server}” is not the id of a server. Ids look like github. Add --help to see an example.`;
    throw new CodedError('usage', { message });
  }
  if (process.stdin.isTTY)
    context.stderr('mcp-sso bridge is started by AI apps and waits for MCP messages on stdin.\n');
  const code = await serve({
    stdin: process.stdin,
    stdout: process.stdout,
    signals: process,
    parent: () => process.ppid,
    openSession: async () => {
      const { openBridgeSession } = await import('../sign-in/open-session.js');
      return openBridgeSession(context, credentialStore === undefined ? {} : { credentialStore });
    },
    server,
    version: version(),
    env: context.env,
    log: openLog(context.env, context.stderr),
    now: () => context.now().getTime(),
    stateFolder: context.paths.state,
  });
  setTimeout(() => process.exit(code), EXIT_DEADLINE).unref();
  return code;
}
