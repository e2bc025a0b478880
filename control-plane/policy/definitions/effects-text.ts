import { stringify } from 'yaml';
import type { Effect } from '../../config/settings.js';

/** A tool, with the effect that an admin gave it and the one that its server's annotations suggest. */
export interface ToolEffect {
  readonly server: string;
  readonly tool: string;
  /** Null where nobody said, which counts as `destroy`. */
  readonly effect: Effect | null;
  readonly suggestedEffect: Effect;
}

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const HEAD = `# Effects as the servers' own annotations suggest them, of the tools that have none in mcp-sso.yaml. These are claims: read them
# before you paste them. A tool without an effect counts as destroy.
`;

/** To be pasted into `mcp-sso.yaml`. Names that hold characters nobody sees are left out. */
export function effectsText(tools: readonly ToolEffect[]): string {
  const open = tools.filter(({ effect }) => effect === null);
  const shown = open.filter(({ tool }) => !UNSEEN.test(tool));
  const left = open.length - shown.length;
  const note = left === 0 ? '' : `# Left out: ${left} whose names hold characters that people do not see.\n`;
  if (shown.length === 0) return `${HEAD}${note}# There is no such tool.\n`;
  const servers = Map.groupBy(shown, ({ server }) => server);
  const value = {
    servers: Object.fromEntries(
      [...servers].map(([server, own]) => [
        server,
        { tools: new Map(own.map(({ tool, suggestedEffect }) => [tool, { effect: suggestedEffect }])) },
      ]),
    ),
  };
  return `${HEAD}${note}${stringify(value, { lineWidth: 0 })}`;
}
