import { serverExists, type Parts } from '../parts.js';
import type { Target } from './route.js';

export type Naming = Pick<Parts, 'servers' | 'known'>;
type NamedTarget = Target & { readonly kind: 'tool' | 'prompt' };

/** Whether the name is one that somebody other than the client has given: the settings, or a list of the server. */
export function namedByOthers(parts: Naming, server: string, target: Target): target is NamedTarget {
  if (!serverExists(parts, server)) return false;
  const { kind, name } = target;
  if (kind === 'tool') return isKnownTool(parts, server, name);
  return kind === 'prompt' && parts.known.names(server, 'prompts/list').includes(name);
}

function isKnownTool({ servers, known }: Naming, server: string, tool: string): boolean {
  const { tools } = servers[server]!;
  return (
    Object.hasOwn(tools, tool) ||
    known.headersOf(server, tool) !== undefined ||
    known.names(server, 'tools/list').includes(tool)
  );
}
