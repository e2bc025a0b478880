import type { Effect, Settings } from '../config/settings.js';

/** What a tool does to the world by the admin's word; `destroy` where nobody said (design §4.2). */
export function effectOf(settings: Pick<Settings, 'servers'>, server: string, tool: string): Effect {
  return configuredEffect(settings, server, tool) ?? 'destroy';
}

/** Undefined where nobody said. */
export function configuredEffect(
  settings: Pick<Settings, 'servers'>,
  server: string,
  tool: string,
): Effect | undefined {
  const tools = Object.hasOwn(settings.servers, server) ? settings.servers[server]?.tools : undefined;
  if (tools === undefined || !Object.hasOwn(tools, tool)) return undefined;
  return tools[tool]?.effect;
}
