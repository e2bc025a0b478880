import { z } from 'zod';
import { askMcp } from '../sign-in/mcp-endpoint.js';
import { openSession, type ControlPlaneSession } from '../sign-in/open-session.js';
import { printable } from '../system/printable.js';
import { resolveSettings } from '../system/settings.js';
import { readAnswer } from './api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';
import { alignColumns } from './table.js';

const toolPage = z.object({
  tools: z.array(z.looseObject({ name: z.string(), title: z.string().optional(), description: z.string().optional() })),
  nextCursor: z.string().optional(),
});
type Tools = z.output<typeof toolPage>['tools'];

const MAX_PAGES = 100;

export function addTools({ program, run }: Mount): void {
  program.addCommand(
    newCommand('tools', 'List the tools that you may call, of one server or of all', 'mcp-sso tools crm')
      .argument('[server]', 'id of the server, as `mcp-sso servers` shows it')
      .action((server: string | undefined, options: CommonOptions) =>
        run(options, (context) => tools(context, server)),
      ),
  );
}

async function tools(context: CommandContext, server: string | undefined): Promise<number> {
  const session = openSession(context, 'bridge', await resolveSettings(context));
  const found = await fetchTools(session, server);
  context.stdout(context.json ? jsonLine({ tools: found }) : describe(found));
  return 0;
}

async function fetchTools(session: ControlPlaneSession, server: string | undefined): Promise<Tools> {
  const found: Tools = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const { tools: some, nextCursor } = readAnswer(toolPage, await askMcp(session, 'tools/list', params, server));
    found.push(...some);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  return found;
}

function describe(found: Tools): string {
  if (found.length === 0) return 'There is no tool that you may call.\n';
  const rows = found.map(({ name, title, description = '' }) => [
    printable(name),
    printable((title ?? description).split('\n', 1)[0]!),
  ]);
  return `${alignColumns([['TOOL', 'WHAT IT DOES'], ...rows]).join('\n')}\n`;
}
