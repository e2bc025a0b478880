import { newCommand, type CommonOptions, type Mount } from './command.js';

interface BridgeCommandOptions extends CommonOptions {
  readonly server?: string;
}

/** For the help, and for command lines that the fast path of main.ts leaves to commander. */
export function addBridge({ program, run }: Mount): void {
  program.addCommand(
    newCommand('bridge', 'Serve MCP on stdin and stdout; AI apps start this', 'mcp-sso bridge --server github')
      .option('--server <id>', 'only this server, under its own tool names')
      .action(({ server, ...common }: BridgeCommandOptions) =>
        run(common, async (context) => {
          const { runBridge } = await import('../bridge/index.js');
          return runBridge(server === undefined ? {} : { server }, context);
        }),
      ),
  );
}
