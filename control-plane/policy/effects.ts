import type { Effect, Settings } from '../config/settings.js';

/** What a tool does to the world by the admin's word; `destroy` where nobody said (design §4.2). */
export function effectOf(settings: Pick<Settings, 'servers'>, server: string, tool: string): Effect {
  const tools = Object.hasOwn(settings.servers, server) ? settings.servers[server]?.tools : undefined;
  if (tools === undefined || !Object.hasOwn(tools, tool)) return 'destroy';
  return tools[tool]?.effect ?? 'destroy';
}
