import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';

/** The level of a request's envelope that a legacy server has to be told first; undefined where there is none, or it was. */
export function newLogLevel(
  params: JsonObject | undefined,
  { capabilities }: JsonObject,
  told: string | undefined,
): string | undefined {
  const meta = params?.['_meta'];
  const level = isObject(meta) ? meta[META.logLevel] : undefined;
  const logs = isObject(capabilities) && isObject(capabilities['logging']);
  return logs && typeof level === 'string' && level !== told ? level : undefined;
}
