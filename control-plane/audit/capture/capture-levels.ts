import type { CaptureSettings } from '../../config/audit-settings.js';

type Levels = Pick<CaptureSettings, 'arguments' | 'results'>;

/** What is kept of calls to this tool, or of what else is used of the server: the closest word counts. */
export function captureLevels(settings: CaptureSettings, server: string, tool: string | undefined): Levels {
  const ofServer = own(settings.servers, server);
  const ofTool = tool === undefined ? undefined : own(ofServer?.tools ?? {}, tool);
  return {
    arguments: ofTool?.arguments ?? ofServer?.arguments ?? settings.arguments,
    results: ofTool?.results ?? ofServer?.results ?? settings.results,
  };
}

/** A tool may be called `constructor`. */
function own<T>(all: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
