import { isLoopback } from './address.js';
import type { PolicyFile, Settings } from './settings.js';

/** What is allowed but deserves a sentence at `check` and in the log of each start. */
export function warningsOf(settings: Settings, policyFiles: readonly PolicyFile[]): string[] {
  const noPolicy =
    policyFiles.length === 0 ? ['policies/*.cedar: there is no policy, so nothing is permitted to anyone'] : [];
  return [...noPolicy, ...Object.entries(settings.servers).flatMap(plainHttp)];
}

function plainHttp([id, { url, credential }]: [string, Settings['servers'][string]]): string[] {
  const parsed = new URL(url);
  if (!credential || parsed.protocol === 'https:' || isLoopback(parsed)) return [];
  return [`servers.${id}.url: the credential travels over plain http, readable to the network`];
}
