import type { RecordFacts } from '../../audit/record.js';
import { captureLevels } from '../../audit/capture/capture-levels.js';
import type { CaptureSettings } from '../../config/audit-settings.js';
import { isHosted } from '../../config/settings.js';
import { serverExists, type Parts } from '../parts.js';
import { toolOf, type CallRoute } from './route.js';

/** How the server of the call is reached, by the settings; nothing where nobody has configured it. */
export function serverFacts(
  parts: Pick<Parts, 'servers'>,
  server: string,
): Pick<RecordFacts, 'serverHost' | 'transport'> {
  if (!serverExists(parts, server)) return {};
  const settings = parts.servers[server]!;
  if (isHosted(settings) || settings.url === undefined) return { transport: 'stdio' };
  return { transport: settings.transport ?? 'streamable-http', serverHost: new URL(settings.url).host };
}

/** What `audit.capture` says of this call, so that a reader knows what is missing on purpose. */
export function captureFacts(
  capture: CaptureSettings,
  { server, target }: Pick<CallRoute, 'server' | 'target'>,
): Pick<RecordFacts, 'capturesArguments' | 'capturesResults'> {
  const levels = captureLevels(capture, server, toolOf(target));
  return { capturesArguments: levels.arguments, capturesResults: levels.results };
}
